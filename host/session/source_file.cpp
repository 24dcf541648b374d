// SPDX-License-Identifier: Apache-2.0
#include "host/session/source_file.hpp"

#include <fstream>
#include <system_error>

#include "host/audio/errors.hpp"
#include "host/session/yaml.hpp"

namespace tutti {

std::string read_source_file(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw IoError(path.string(), "this is a folder; name the session file in it");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) throw IoError(path.string(), "it can not be opened; check its name");
  std::string text;
  std::string piece(std::size_t{1} << 16, '\0');
  while (in && text.size() <= yaml::kMaximumSourceBytes) {  // a pipe or a device tells no size
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    text.append(piece, 0, static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) throw IoError(path.string(), "it can not be read");
  if (text.size() > yaml::kMaximumSourceBytes) {
    throw IoError(path.string(), "larger than 64 MiB: this is no text for people");
  }
  return text;
}

}  // namespace tutti
