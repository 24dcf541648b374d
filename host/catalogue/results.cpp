// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <optional>
#include <tuple>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/catalogue/text_lines.hpp"
#include "host/report/json_values.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMaximumLineBytes = std::size_t{1} << 20;
constexpr const char* kStatusNames[] = {"done", "skipped", "failed"};

double unix_seconds(fs::file_time_type time) {
  const auto since = std::chrono::file_clock::to_sys(time).time_since_epoch();
  return static_cast<double>(std::chrono::floor<std::chrono::microseconds>(since).count()) / 1e6;
}

/// None for what is no time of our days: a double far outside would be undefined as one.
std::optional<fs::file_time_type> time_of(double unix_s) {
  if (!(unix_s >= 0 && unix_s < 1e10)) return {};
  const std::chrono::microseconds since(std::llround(unix_s * 1e6));
  return std::chrono::file_clock::from_sys(std::chrono::sys_time<std::chrono::microseconds>(since));
}

std::optional<ItemResult> result_of(const std::string& line, fs::file_time_type changed) {
  if (line.size() > kMaximumLineBytes) return {};
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return {};
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  ItemResult result;
  result.id = text("id");
  const std::string status = text("status");
  const auto name = std::find(std::begin(kStatusNames), std::end(kStatusNames), status);
  if (result.id.empty() || name == std::end(kStatusNames)) return {};
  result.status = static_cast<ItemResult::Status>(name - std::begin(kStatusNames));
  result.kind = text("kind");
  result.message = text("message");
  const auto retriable = json.find("retriable");
  result.retriable = retriable != json.end() && retriable->is_boolean() && retriable->get<bool>();
  const auto seconds = json.find("seconds");
  if (seconds != json.end() && seconds->is_number()) result.seconds = seconds->get<double>();
  // A line is not younger than its file: a host whose clock is ahead outranks nobody for long.
  result.ended = changed;
  const auto ended = json.find("ended_unix_s");
  if (ended != json.end() && ended->is_number())
    result.ended = std::min(changed, time_of(ended->get<double>()).value_or(changed));
  return result;
}

struct ResultFile {
  fs::file_time_type changed;
  fs::path path;
};

/// The .jsonl files of all runs, the oldest first. Links are not followed: nothing of ours makes
/// one.
std::vector<ResultFile> result_files(const fs::path& folder) {
  std::vector<ResultFile> files;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return files;
  fs::recursive_directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    std::error_code gone;  // another process may be renaming
    if (entry->path().extension() != ".jsonl" || !entry->is_regular_file(gone)) continue;
    const auto changed = entry->last_write_time(gone);
    if (!gone) files.push_back({changed, entry->path()});
  }
  if (error) throw IoError(printable(folder.string()), error.message());
  std::sort(files.begin(), files.end(), [](const ResultFile& a, const ResultFile& b) {
    return std::tie(a.changed, a.path.native()) < std::tie(b.changed, b.path.native());
  });
  return files;
}

}  // namespace

std::string result_line(const ItemResult& result) {
  Json line;
  line["id"] = json_text(result.id);
  line["status"] = kStatusNames[static_cast<int>(result.status)];
  if (result.status == ItemResult::Status::failed) {
    line["kind"] = json_text(result.kind);
    line["message"] = json_text(result.message);
    line["retriable"] = result.retriable;
  }
  if (result.input_changed) line["input_changed"] = true;
  line["seconds"] = json_number(result.seconds);
  if (result.ended != fs::file_time_type::min()) line["ended_unix_s"] = unix_seconds(result.ended);
  return line.dump() + "\n";
}

fs::path results_path(const fs::path& out, std::string_view run, const ShardChoice& shard,
                      int attempt) {
  return out / "results" / run /
         fmt::format("shard-{}-of-{}.{}.jsonl", shard.index, shard.count, attempt);
}

std::map<std::string, ItemResult> latest_results(const fs::path& out) {
  std::map<std::string, ItemResult> latest;
  for (const ResultFile& file : result_files(out / "results")) {
    std::ifstream in(file.path, std::ios::binary);
    for (std::string line; catalogue::next_line(in, line, kMaximumLineBytes);)
      if (std::optional<ItemResult> result = result_of(line, file.changed)) {
        const auto [known, fresh] = latest.try_emplace(result->id);
        if (fresh || known->second.ended <= result->ended) known->second = std::move(*result);
      }
  }
  return latest;
}

}  // namespace tutti
