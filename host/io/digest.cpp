// SPDX-License-Identifier: Apache-2.0
#include "host/io/digest.hpp"

#include <stdexcept>

namespace tutti::io {

std::string to_hex(const std::uint8_t* bytes, std::size_t count) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

Digest::Digest(const EVP_MD* kind) : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), kind, nullptr) != 1) {
    throw std::runtime_error("the hash functions of libcrypto are not available");
  }
}

void Digest::update(const void* bytes, std::size_t count) {
  EVP_DigestUpdate(context_.get(), bytes, count);
}

std::vector<std::uint8_t> Digest::bytes() {
  std::vector<std::uint8_t> hash(EVP_MAX_MD_SIZE);
  unsigned count = 0;
  EVP_DigestFinal_ex(context_.get(), hash.data(), &count);
  hash.resize(count);
  return hash;
}

std::string Digest::hex() {
  const std::vector<std::uint8_t> hash = bytes();
  return to_hex(hash.data(), hash.size());
}

}  // namespace tutti::io
