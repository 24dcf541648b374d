// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/sidecar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <string_view>

#include "host/catalogue/regular_file.hpp"
#include "host/catalogue/sidecar_json.hpp"
#include "host/io/damage.hpp"
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
std::optional<std::string> text_of(const fs::path& path) {
  std::error_code error;
  if (fs::status(path, error).type() == fs::file_type::not_found) return {};
  catalogue::RegularFile file(path);
  std::string text(std::min<std::uintmax_t>(file.size_bytes(), kMaximumSidecarBytes + 1), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const std::size_t got = file.read(text.data() + done, text.size() - done);
    if (got == 0) break;
    done += got;
  }
  text.resize(done);
  if (done > kMaximumSidecarBytes)
    throw IoError(printable(path.string()), "is no sidecar of ours: it is too large");
  return text;
}

bool is_link(const fs::path& path) {
  std::error_code error;
  return fs::is_symlink(fs::symlink_status(path, error));
}

/// Whether what can not be read began as a sidecar of ours: its first bytes say so as far as there
/// are any; of JSON that another program has written again, its key. A file that a lost machine
/// left empty, or full of zeros, is taken for ours too: nothing is in it.
bool began_as_ours(const fs::path& sidecar) {
  const std::string text = text_of(sidecar).value_or("");
  const std::string_view head = "{\n  \"tutti_sidecar\": ";
  if (text.starts_with(std::string_view(head).substr(0, text.size())) ||
      text.find_first_not_of('\0') == std::string::npos)
    return true;
  const Json document = Json::parse(text, nullptr, false);
  return document.is_object() && document.contains("tutti_sidecar");
}

bool is_damaged(const fs::path& sidecar) {
  std::error_code error;
  return !is_link(sidecar) && fs::is_regular_file(sidecar, error) && began_as_ours(sidecar);
}

}  // namespace

const char* sidecar_repair(const fs::path& sidecar) {
  try {
    if (is_damaged(sidecar)) return "render again with --overwrite";
  } catch (const IoError& problem) {
    if (problem.fault() == IoFault::exhausted) throw;
  }
  return "move it away, then render again with --overwrite";
}

void check_sidecar_place(const fs::path& sidecar, bool replace_damaged) {
  const auto refuse = [&](const std::string& what) {
    throw IoError(printable(sidecar.string()),
                  what + " and is not replaced; move it away or choose another output folder",
                  IoFault::output);
  };
  const std::size_t name_bytes = sidecar.filename().native().size();
  if (name_bytes > NAME_MAX)
    throw IoError(
        printable(sidecar.string()),
        fmt::format("has a name of {} bytes; {} are possible, so give the output one of at most {}",
                    name_bytes, NAME_MAX, NAME_MAX - 5),  // ".json"
        IoFault::output);
  if (is_link(sidecar)) refuse("is a link where the sidecar belongs");
  try {
    read_sidecar(sidecar);
  } catch (const IoError& problem) {
    if (problem.fault() == IoFault::exhausted) throw;
    if (replace_damaged && is_damaged(sidecar)) return;
    refuse("stands where the sidecar belongs, is none of ours");
  }
}

bool is_of_damaged_input(const Sidecar& sidecar) {
  return std::any_of(sidecar.findings.begin(), sidecar.findings.end(), tells_damage);
}

fs::path sidecar_path(const fs::path& output) {
  fs::path path = output;
  path += ".json";
  return path;
}

std::string catalogue_key(const std::string& key_input, const std::string& settings,
                          const std::string& sound_version) {
  io::Digest digest = io::Digest::sha256();
  for (const std::string& part : {key_input, settings, sound_version}) {
    digest.update(part.data(), part.size());
    digest.update("\n", 1);  // JSON text and hashes hold no line feed, so no two lists are alike
  }
  return digest.hex();
}

std::string key_input(const std::string& own_sha256, std::span<const std::string> album_sha256) {
  std::string all = own_sha256;
  if (album_sha256.size() > 1)
    for (const std::string& sha256 : album_sha256) all += " " + sha256;
  return all;
}

std::string album_hash(std::span<const std::string> album_sha256) {
  io::Digest digest = io::Digest::sha256();
  for (const std::string& sha256 : album_sha256) {
    digest.update(sha256.data(), sha256.size());
    digest.update("\n", 1);
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

void write_sidecar(const fs::path& sidecar, const Sidecar& content, bool replace_damaged) {
  const std::string text = sidecar_text(content);
  check_sidecar_place(sidecar, replace_damaged);
  WriteSpec spec;
  spec.path = sidecar;
  spec.overwrite = true;
  spec.digests = false;
  io::OutputFile file(spec);
  file.append(text.data(), text.size());
  file.commit();
}

FileHash hash_file(const fs::path& path) {
  catalogue::RegularFile file(path);
  io::Digest digest = io::Digest::sha256();
  std::vector<char> piece(std::size_t{1} << 18);
  FileHash hash;
  while (const std::size_t got = file.read(piece.data(), piece.size())) {
    digest.update(piece.data(), got);
    hash.bytes += got;
  }
  hash.sha256 = digest.hex();
  return hash;
}

OutputState output_state(const fs::path& output, const std::string& key, bool full_hash,
                         bool allow_damaged) {
  // The sidecar comes first: where somebody's own file has its name, none can be written.
  const fs::path beside = sidecar_path(output);
  if (is_link(beside)) return OutputState::foreign;
  std::optional<Sidecar> sidecar;
  try {
    sidecar = read_sidecar(beside);
  } catch (const IoError& problem) {
    if (problem.fault() == IoFault::exhausted) throw;
    return is_damaged(beside) ? OutputState::damaged : OutputState::foreign;
  }
  std::error_code error;
  const fs::file_status status = fs::status(output, error);
  if (status.type() == fs::file_type::not_found)  // a link that leads nowhere is somebody's
    return is_link(output) ? OutputState::foreign : OutputState::missing;
  if (status.type() == fs::file_type::none)
    throw IoError(printable(output.string()), error.message());
  if (status.type() != fs::file_type::regular || !sidecar) return OutputState::foreign;
  const std::uintmax_t size_bytes = fs::file_size(output, error);
  if (error) throw IoError(printable(output.string()), error.message());
  if (size_bytes != sidecar->output.bytes) return OutputState::changed;
  // What is stale may be replaced, so its size is not enough.
  const bool counts = sidecar->key == key && (allow_damaged || !is_of_damaged_input(*sidecar));
  if ((full_hash || !counts) && hash_file(output).sha256 != sidecar->output.sha256)
    return OutputState::changed;
  return counts ? OutputState::up_to_date : OutputState::stale;
}

std::optional<std::string> other_input_of(const fs::path& output, const std::string& input_sha256) {
  try {
    const std::optional<Sidecar> sidecar = read_sidecar(sidecar_path(output));
    if (sidecar && sidecar->input.sha256 != input_sha256) return sidecar->input.file;
  } catch (const IoError& problem) {
    if (problem.fault() == IoFault::exhausted) throw;
  }
  return {};
}

}  // namespace tutti
