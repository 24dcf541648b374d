// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/results.hpp"

#include <fmt/format.h>

#include <algorithm>
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

std::optional<ItemResult> result_of(const std::string& line) {
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
  line["seconds"] = json_number(result.seconds);
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
      if (std::optional<ItemResult> result = result_of(line)) {
        std::string id = result->id;
        result->written = file.changed;
        latest.insert_or_assign(std::move(id), std::move(*result));
      }
  }
  return latest;
}

}  // namespace tutti
