// SPDX-License-Identifier: Apache-2.0
// SHA-256 and MD5 of a stream of bytes.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tutti::io {

/// Bytes as lower-case hexadecimal.
std::string to_hex(const std::uint8_t* bytes, std::size_t count);

/// A running hash.
class Digest {
 public:
  static Digest sha256() { return Digest(EVP_sha256()); }
  static Digest md5() { return Digest(EVP_md5()); }

  void update(const void* bytes, std::size_t count);
  /// The hash; call one of these, once, last.
  std::vector<std::uint8_t> bytes();
  std::string hex();  ///< in hexadecimal

 private:
  explicit Digest(const EVP_MD* kind);
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace tutti::io
