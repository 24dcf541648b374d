// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/asked_outputs.hpp"

#include <utility>

namespace tutti {

namespace fs = std::filesystem;

const char* name_of(StaleCause cause) {
  switch (cause) {
    case StaleCause::output:
      return "output";
    case StaleCause::input:
      return "input";
    case StaleCause::settings:
      return "settings";
    case StaleCause::sound:
      return "sound";
    case StaleCause::damaged:
      return "damaged";
    case StaleCause::album:
      return "album";
  }
  return "";
}

AskedOutputs::AskedOutputs(
    const Manifest& manifest, const fs::path& out,
    const std::function<std::vector<PlannedOutput>(const CatalogueItem&)>& plan,
    std::string sound_version, bool allow_damaged)
    : sound_version_(std::move(sound_version)), allow_damaged_(allow_damaged) {
  const fs::path root = fs::absolute(out).lexically_normal();
  for (const CatalogueItem& item : manifest.items) {
    const std::vector<PlannedOutput> planned = plan(item);
    for (const PlannedOutput& output : planned)
      outputs_[output.file.lexically_relative(root).string()] = {
          &item, &*settings_.insert(output.settings.dump()).first,
          static_cast<int>(planned.size())};
  }
}

const AskedOutputs::Output* AskedOutputs::find(const fs::path& output) const {
  const auto found = outputs_.find(output.string());
  return found != outputs_.end() ? &found->second : nullptr;
}

std::optional<StaleCause> AskedOutputs::stale(const Output& output, const Sidecar& sidecar) const {
  // Another program may have written the sidecar again, with its keys sorted or 1 for 1.0.
  if (const std::string text = sidecar.settings.dump();
      text != *output.settings &&
      nlohmann::json::parse(text) != nlohmann::json::parse(*output.settings))
    return StaleCause::settings;
  const std::string& version = sidecar.sound_version;  // "3-cpu"
  if (version.substr(0, version.find('-')) != sound_version_) return StaleCause::sound;
  if (!allow_damaged_ && is_of_damaged_input(sidecar)) return StaleCause::damaged;
  return {};
}

}  // namespace tutti
