// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/intent.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "host/catalogue/sidecar.hpp"
#include "host/io/digest.hpp"
#include "host/io/output_file.hpp"

namespace tutti::catalogue {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBefore = ".tutti-", kAfter = ".next";
constexpr std::size_t kDigits = 32;

/// One line with the hash; the rest, which may hold anything, is the output's name.
struct Intent {
  std::string sha256, output;
};

std::optional<Intent> read_intent(const fs::path& note) {
  std::ifstream in(note, std::ios::binary);
  Intent intent;
  if (!std::getline(in, intent.sha256)) return {};
  intent.output.assign(std::istreambuf_iterator<char>(in), {});
  if (intent.output.empty() || intent_path(note.parent_path() / intent.output) != note) return {};
  return intent;
}

bool is_there(const fs::path& output, const std::string& sha256) {
  std::error_code error;
  return fs::is_regular_file(output, error) && hash_file(output).sha256 == sha256;
}

}  // namespace

fs::path intent_path(const fs::path& output) {
  const std::string name = output.filename().string();
  io::Digest digest = io::Digest::sha256();
  digest.update(name.data(), name.size());
  std::string note(kBefore);
  note += digest.hex().substr(0, kDigits);
  note += kAfter;
  return output.parent_path() / note;
}

bool is_intent_name(std::string_view name) {
  if (name.size() != kBefore.size() + kDigits + kAfter.size()) return false;
  if (!name.starts_with(kBefore) || !name.ends_with(kAfter)) return false;
  const std::string_view digits = name.substr(kBefore.size(), kDigits);
  return std::all_of(digits.begin(), digits.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

void write_intent(const fs::path& output, const std::string& sha256) {
  WriteSpec spec;
  spec.path = intent_path(output);
  spec.overwrite = true;
  spec.digests = false;
  io::OutputFile file(spec);
  const std::string text = sha256 + "\n" + output.filename().string();
  file.append(text.data(), text.size());
  file.commit();
}

bool was_intended(const fs::path& output) {
  const std::optional<Intent> intent = read_intent(intent_path(output));
  return intent && is_there(output, intent->sha256);
}

void forget_intent(const fs::path& output) noexcept {
  std::error_code ignored;
  fs::remove(intent_path(output), ignored);
}

bool intent_is_needed(const fs::path& note) {
  const std::optional<Intent> intent = read_intent(note);
  if (!intent) return false;
  const fs::path output = note.parent_path() / intent->output;
  if (!is_there(output, intent->sha256)) return false;
  try {
    const std::optional<Sidecar> sidecar = read_sidecar(sidecar_path(output));
    return !sidecar || sidecar->output.sha256 != intent->sha256;
  } catch (const IoError& problem) {
    if (problem.fault() == IoFault::exhausted) throw;
    return true;  // damaged: the output is all there is
  }
}

}  // namespace tutti::catalogue
