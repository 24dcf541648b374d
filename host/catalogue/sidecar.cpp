// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/sidecar.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "host/catalogue/sidecar_json.hpp"
#include "host/io/digest.hpp"
#include "host/io/output_file.hpp"
#include "host/report/json_values.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Ours have a few thousand bytes; a larger file has another origin.
constexpr std::uintmax_t kMaximumSidecarBytes = std::uintmax_t{16} << 20;

/// The text of a file. None: there is no such file.
std::optional<std::string> text_of(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (error) throw IoError(printable(file.string()), error.message());
  if (status.type() != fs::file_type::regular)
    throw IoError(printable(file.string()), "is no file");
  if (fs::file_size(file, error) > kMaximumSidecarBytes || error)
    throw IoError(printable(file.string()), "is no sidecar of ours: it is too large");
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw IoError(printable(file.string()),
                  "can not be read: " + std::string(std::strerror(errno)));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

fs::path sidecar_path(const fs::path& output) {
  fs::path path = output;
  path += ".json";
  return path;
}

std::string catalogue_key(const std::string& input_sha256, const Json& settings,
                          const std::string& sound_version) {
  io::Digest digest = io::Digest::sha256();
  for (const std::string& part : {input_sha256, settings.dump(), sound_version}) {
    digest.update(part.data(), part.size());
    digest.update("\n", 1);  // JSON text and hashes hold no line feed, so no two lists are alike
  }
  return digest.hex();
}

std::string sidecar_text(const Sidecar& sidecar) {
  return json_document(catalogue::sidecar_json(sidecar));
}

std::optional<Sidecar> read_sidecar(const fs::path& sidecar) {
  const std::optional<std::string> text = text_of(sidecar);
  if (!text) return {};
  try {
    return catalogue::sidecar_of_json(Json::parse(*text));
  } catch (const Json::exception&) {
    throw IoError(printable(sidecar.string()), "is no sidecar of ours: it is not JSON");
  } catch (const std::runtime_error& error) {
    throw IoError(printable(sidecar.string()),
                  std::string("is no sidecar of ours: ") + error.what());
  }
}

void write_sidecar(const fs::path& sidecar, const Sidecar& content) {
  const std::string text = sidecar_text(content);
  WriteSpec spec;
  spec.path = sidecar;
  spec.overwrite = true;
  spec.digests = false;
  io::OutputFile file(spec);
  file.append(text.data(), text.size());
  file.commit();
}

FileHash hash_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw IoError(printable(file.string()),
                  "can not be read: " + std::string(std::strerror(errno)));
  io::Digest digest = io::Digest::sha256();
  std::vector<char> piece(std::size_t{1} << 18);
  FileHash hash;
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    digest.update(piece.data(), static_cast<std::size_t>(in.gcount()));
    hash.bytes += static_cast<std::uint64_t>(in.gcount());
  }
  if (in.bad()) throw IoError(printable(file.string()), "can not be read to its end");
  hash.sha256 = digest.hex();
  return hash;
}

OutputState output_state(const fs::path& output, const std::string& key, bool full_hash) {
  std::error_code error;
  const fs::file_status status = fs::status(output, error);
  if (status.type() == fs::file_type::not_found) {
    // A link that leads nowhere is somebody's.
    return fs::is_symlink(fs::symlink_status(output, error)) ? OutputState::foreign
                                                             : OutputState::missing;
  }
  if (status.type() == fs::file_type::none)
    throw IoError(printable(output.string()), error.message());
  if (status.type() != fs::file_type::regular) return OutputState::foreign;
  std::optional<Sidecar> sidecar;
  try {
    sidecar = read_sidecar(sidecar_path(output));
  } catch (const IoError&) {  // who can not show that the file is ours does not replace it
    return OutputState::foreign;
  }
  if (!sidecar) return OutputState::foreign;
  const std::uintmax_t size_bytes = fs::file_size(output, error);
  if (error) throw IoError(printable(output.string()), error.message());
  if (size_bytes != sidecar->output.bytes) return OutputState::changed;
  if (full_hash && hash_file(output).sha256 != sidecar->output.sha256) return OutputState::changed;
  return sidecar->key == key ? OutputState::up_to_date : OutputState::stale;
}

}  // namespace tutti
