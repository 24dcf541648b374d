// SPDX-License-Identifier: Apache-2.0
#include "host/engine/up_to_date.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace tutti {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kRecordName = ".tutti-render.json";
// Changes whenever the same session would sound different: bump with every audible change.
constexpr int kSoundVersion = 1;

std::string sha256(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

/// Size and time of change, or "missing".
std::string state_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return "missing";
  return fmt::format("{} {}.{:09}", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void add_impulses(const Session& session, const std::vector<InsertSpec>& inserts,
                  std::set<fs::path>& files) {
  for (const InsertSpec& insert : inserts)
    if (const auto* convolver = std::get_if<ConvolverSpec>(&insert.processor))
      files.insert(resolve(session, convolver->impulse));
}

std::set<fs::path> input_files(const Session& session) {
  std::set<fs::path> files;
  for (const StemSpec& stem : session.stems) {
    for (const ClipSpec& clip : stem.clips) files.insert(resolve(session, clip.file));
    add_impulses(session, stem.inserts, files);
  }
  for (const BusSpec& bus : session.buses) add_impulses(session, bus.inserts, files);
  add_impulses(session, session.master.inserts, files);
  return files;
}

json read_record(const fs::path& folder) {
  json record = json::parse(text_of(folder / kRecordName), nullptr, false);
  return record.is_object() ? record : json::object();
}

std::string time_text(const std::optional<TimeSpec>& time) {
  return time ? fmt::format("{}{}", time->value, time->in_samples ? " smp" : " s") : "-";
}

}  // namespace

UpToDate::UpToDate(const Session& session, const RenderOptions& options,
                   const std::vector<Delivery>& deliveries)
    : overwrite_(options.overwrite) {
  inputs_ = fmt::format("sound {}\n{}\nrange {} {}\n", kSoundVersion, text_of(session.file),
                        time_text(options.range_start), time_text(options.range_end));
  for (const std::string& name : options.solo) inputs_ += "solo " + name + "\n";
  for (const std::string& name : options.disabled_passes) inputs_ += "without " + name + "\n";
  for (const fs::path& file : input_files(session))
    inputs_ += file.string() + " " + state_of(file) + "\n";
  for (const Delivery& delivery : deliveries)
    settings_.emplace_back(
        delivery.write.path.string(),
        fmt::format("{} {} {} {} {} {} {} {}", delivery.source, delivery.write.sample_rate_hz,
                    static_cast<int>(delivery.write.encoding),
                    static_cast<int>(delivery.write.dither), delivery.write.seed,
                    delivery.target_lufs.value_or(1e9), delivery.tolerance_lu,
                    delivery.limiter ? delivery.limiter->ceiling_dbtp : 1e9));
}

std::string UpToDate::key_of(const std::string& file) const {
  for (const auto& [path, settings] : settings_)
    if (path == file) return sha256(inputs_ + settings);
  return {};
}

void UpToDate::take_finished(std::vector<Delivery>& deliveries,
                             std::vector<RenderedOutput>& finished) const {
  std::map<fs::path, json> records;
  std::vector<Delivery> left;
  for (Delivery& delivery : deliveries) {
    const fs::path& path = delivery.write.path;
    if (overwrite_ || !fs::exists(path)) {
      left.push_back(std::move(delivery));
      continue;
    }
    auto record = records.find(path.parent_path());
    if (record == records.end())
      record = records.emplace(path.parent_path(), read_record(path.parent_path())).first;
    const json entry = record->second.value(path.filename().string(), json::object());
    if (!entry.is_object() || entry.value("key", "") != key_of(path.string()) ||
        entry.value("state", "") != state_of(path))
      throw IoError(path.string(),
                    "exists and is not the result of this session as it is now; use --overwrite or "
                    "another -o folder",
                    IoFault::output);
    RenderedOutput output;
    output.file = path.string();
    output.source = delivery.source;
    output.up_to_date = true;
    output.sha256 = entry.value("sha256", "");
    output.audio_md5 = entry.value("audio_md5", "");
    output.target_lufs = delivery.target_lufs;
    if (delivery.limiter) output.ceiling_dbtp = delivery.limiter->ceiling_dbtp;
    finished.push_back(std::move(output));
  }
  deliveries = std::move(left);
}

void UpToDate::remember(const std::vector<RenderedOutput>& outputs) const {
  std::map<fs::path, json> records;
  for (const RenderedOutput& output : outputs) {
    const fs::path path = output.file;
    auto record = records.find(path.parent_path());
    if (record == records.end())
      record = records.emplace(path.parent_path(), read_record(path.parent_path())).first;
    record->second[path.filename().string()] = {{"key", key_of(output.file)},
                                                {"state", state_of(path)},
                                                {"sha256", output.sha256},
                                                {"audio_md5", output.audio_md5}};
  }
  for (const auto& [folder, record] : records) {
    const fs::path temporary = folder / (std::string(kRecordName) + ".new");
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out << record.dump(1, ' ', false, json::error_handler_t::replace) << '\n';
    out.close();
    std::error_code ignored;
    if (out)
      fs::rename(temporary, folder / kRecordName, ignored);
    else
      fs::remove(temporary, ignored);
  }
}

}  // namespace tutti
