// SPDX-License-Identifier: Apache-2.0
#include "host/engine/up_to_date.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "host/session/canonical.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kRecordName = ".tutti-render.json";
// Changes whenever the same session would sound different: bump with every audible change.
constexpr int kSoundVersion = 7;

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
      files.insert(fs::absolute(resolve(session, convolver->impulse)));
}

std::set<fs::path> input_files(const Session& session) {
  std::set<fs::path> files;
  for (const StemSpec& stem : session.stems) {
    for (const ClipSpec& clip : stem.clips) files.insert(fs::absolute(resolve(session, clip.file)));
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

/// A field of a record; records are files, so they may hold anything.
std::string text_in(const json& entry, const char* key) {
  const auto field = entry.is_object() ? entry.find(key) : entry.end();
  return field != entry.end() && field->is_string() ? field->get<std::string>() : std::string();
}

template <typename Number>
std::optional<Number> number_in(const json& entry, const char* key) {
  const auto field = entry.is_object() ? entry.find(key) : entry.end();
  if (field == entry.end() || !field->is_number()) return {};
  return field->get<Number>();
}

template <typename Number>
json or_null(const std::optional<Number>& value) {
  return value ? json(*value) : json(nullptr);
}

/// What sounds in a session: without its title and its list of outputs, whose settings are keyed
/// each for itself; for what is taken before the master, without what the master does to its sound.
/// The master's inserts stay: their lengths say how long a tail is waited for.
std::string sound_of(const Session& session, bool mastered) {
  Session sound = session;
  sound.title.clear();
  sound.outputs.clear();
  if (!mastered) {
    MasterSpec master;
    master.inserts = std::move(sound.master.inserts);
    sound.master = std::move(master);
  }
  return canonical_text(sound);
}

std::string time_text(const std::optional<TimeSpec>& time) {
  return time ? fmt::format("{}{}", time->value, time->in_samples ? " smp" : " s") : "-";
}

}  // namespace

std::string sound_version() { return std::to_string(kSoundVersion); }

UpToDate::UpToDate(const Session& session, const RenderOptions& options,
                   const std::vector<Delivery>& deliveries)
    : overwrite_(options.overwrite), digests_(options.digests) {
  inputs_ = fmt::format("sound {}\nrange {} {}\n", kSoundVersion, time_text(options.range_start),
                        time_text(options.range_end));
  if (options.allow_non_finite) inputs_ += "non-finite as 0\n";
  for (const std::string& name : options.solo) inputs_ += "solo " + name + "\n";
  for (const std::string& name : options.disabled_passes) inputs_ += "without " + name + "\n";
  for (const fs::path& file : input_files(session))
    inputs_ += file.string() + " " + state_of(file) + "\n";
  const std::string sounds[] = {sound_of(session, false), sound_of(session, true)};
  for (const Delivery& delivery : deliveries)
    settings_.emplace_back(
        delivery.write.path.string(),
        fmt::format("{}\n{} {} {} {} {} {} {} {}", sounds[delivery.mastered], delivery.source,
                    delivery.write.sample_rate_hz, static_cast<int>(delivery.write.encoding),
                    static_cast<int>(delivery.write.dither), delivery.write.seed,
                    delivery.loudness ? delivery.loudness->target_lufs : 1e9,
                    delivery.loudness ? delivery.loudness->tolerance_lu : 0,
                    delivery.limiter ? delivery.limiter->ceiling_dbtp : 1e9));
}

std::string UpToDate::key_of(const std::string& file) const {
  for (const auto& [path, settings] : settings_)
    if (path == file) return sha256(inputs_ + settings);
  return {};
}

void UpToDate::take_finished(std::vector<Delivery>& deliveries,
                             std::vector<RenderedOutput>& finished) {
  std::map<fs::path, json> records;
  std::vector<Delivery> left;
  for (Delivery& delivery : deliveries) {
    const fs::path& path = delivery.write.path;
    if (overwrite_ || !fs::exists(path) || fs::is_directory(path)) {  // a folder is refused later
      left.push_back(std::move(delivery));
      continue;
    }
    auto record = records.find(path.parent_path());
    if (record == records.end())
      record = records.emplace(path.parent_path(), read_record(path.parent_path())).first;
    const auto found = record->second.find(path.filename().string());
    const json entry = found != record->second.end() ? *found : json();
    if (text_in(entry, "key") != key_of(path.string()) || text_in(entry, "state") != state_of(path))
      throw IoError(path.string(),
                    "exists and is not the result of this session as it is now; use --overwrite or "
                    "another -o folder",
                    IoFault::output);
    if (digests_ && text_in(entry, "sha256").empty()) {
      // Rendered when nobody asked for its checksums: the same bytes once more.
      delivery.write.overwrite = true;
      left.push_back(std::move(delivery));
      continue;
    }
    RenderedOutput output;
    output.file = path.string();
    output.source = delivery.source;
    output.up_to_date = true;
    output.sha256 = text_in(entry, "sha256");
    output.audio_md5 = text_in(entry, "audio_md5");
    output.gain_db = number_in<double>(entry, "gain_db");
    output.limiter_max_reduction_db = number_in<double>(entry, "limiter_max_reduction_db");
    output.clipped_samples = number_in<std::int64_t>(entry, "clipped_samples");
    if (const auto duration_s = number_in<double>(entry, "programme_s"))
      finished_duration_s_ = std::max(finished_duration_s_.value_or(0), *duration_s);
    if (delivery.loudness) {
      output.target_lufs = delivery.loudness->target_lufs;
      output.loudness_mode = delivery.loudness->mode;
      output.only_if_louder = delivery.loudness->only_if_louder;
    }
    if (delivery.limiter) output.ceiling_dbtp = delivery.limiter->ceiling_dbtp;
    finished.push_back(std::move(output));
  }
  deliveries = std::move(left);
}

void UpToDate::remember(const std::vector<RenderedOutput>& outputs, double duration_s) const {
  std::map<fs::path, json> records;
  for (const RenderedOutput& output : outputs) {
    if (output.up_to_date) continue;  // its record stands
    const fs::path path = output.file;
    auto record = records.find(path.parent_path());
    if (record == records.end())
      record = records.emplace(path.parent_path(), read_record(path.parent_path())).first;
    record->second[path.filename().string()] = {
        {"key", key_of(output.file)},
        {"state", state_of(path)},
        {"sha256", output.sha256},
        {"audio_md5", output.audio_md5},
        {"gain_db", or_null(output.gain_db)},
        {"limiter_max_reduction_db", or_null(output.limiter_max_reduction_db)},
        {"clipped_samples", or_null(output.clipped_samples)},
        {"programme_s", duration_s}};
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
