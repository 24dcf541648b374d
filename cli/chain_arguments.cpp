// SPDX-License-Identifier: Apache-2.0
#include "cli/chain_arguments.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "cli/load_session.hpp"
#include "cli/output.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/chain.hpp"
#include "host/session/presets.hpp"

namespace tutti::cli {
namespace {

const DeliveryPreset& require_preset(const std::string& name) {
  if (const DeliveryPreset* const preset = find_preset(name)) return *preset;
  std::vector<std::string> names;
  for (const DeliveryPreset& preset : delivery_presets()) names.push_back(preset.name);
  const std::string guess = did_you_mean(name, names);
  throw UsageError("--preset: there is no preset \"" + printable(name) + "\"" +
                   (guess.empty() ? "" : "; did you mean " + guess + "?") +
                   " (tutti presets lists them)");
}

Session read_chain(const std::string& path, bool quiet) {
  ParseResult parsed = parse_chain_file(path);
  merge_issues(parsed.issues, validate_chain(parsed.session));
  if (has_errors(parsed.issues))
    throw SessionError(std::move(parsed.issues), std::move(parsed.source));
  if (!quiet)
    for (const Issue& issue : parsed.issues) print_error(issue_text(issue, parsed.source));
  return std::move(parsed.session);
}

void set_target(MasterSpec& master, double target_lufs) {
  if (!master.loudness) master.loudness.emplace();
  master.loudness->target_lufs = target_lufs;
}

void set_ceiling(MasterSpec& master, double ceiling_dbtp) {
  if (!master.limiter) master.limiter.emplace();
  master.limiter->ceiling_dbtp = ceiling_dbtp;
}

}  // namespace

ChainArguments::ChainArguments(CommandLine& line) {
  line.add_option("--chain", chain_, "Inserts, loudness, limiter, trim, fades and outputs (YAML)")
      ->type_name("FILE");
  line.add_option("--preset", preset_, "Level and ceiling of a delivery target (tutti presets)")
      ->type_name("NAME");
  line.add_option("--target", target_lufs_, "Loudness to bring every item to")
      ->type_name("LUFS")
      ->check(CLI::Range(-70.0, 0.0));
  line.add_option("--ceiling", ceiling_dbtp_, "True peak that nothing exceeds (with a target: -1)")
      ->type_name("DBTP")
      ->check(CLI::Range(-60.0, 0.0));
  line.add_option(
          "--album", album_,
          "One gain for the items of an album: by the loudness of all blocks (pooled) or of "
          "the loudest track; off: each for itself")
      ->type_name("pooled|loudest|off")
      ->check(CLI::IsMember({"pooled", "loudest", "off"}));
  line.add_flag("--allow-non-finite", allow_non_finite_, "Read NaN and infinity as 0");
  line.add_flag("--allow-damaged", allow_damaged_,
                "Take files that are cut or damaged as far as they go, with a finding; not FLAC, which "
                "is whole or nothing");
}

bool ChainArguments::given() const {
  return !chain_.empty() || !preset_.empty() || target_lufs_ || ceiling_dbtp_;
}

Session ChainArguments::chain(bool quiet) const {
  if (!given())
    throw UsageError(
        "nothing says what to master to: give --chain, --preset, --target or --ceiling (beside the "
        "targets of a manifest's rows too)");
  Session chain = chain_.empty() ? Session() : read_chain(chain_, quiet);
  const bool had_limiter = chain.master.limiter.has_value();
  if (!preset_.empty()) {
    const DeliveryPreset& preset = require_preset(preset_);
    if (preset.target_lufs) {
      set_target(chain.master, *preset.target_lufs);
      chain.master.loudness->tolerance_lu = preset.tolerance_lu;
    }
    set_ceiling(chain.master, preset.ceiling_dbtp);
    if (chain.outputs.empty() && (preset.bit_depth || preset.sample_rate_hz)) {
      chain.outputs.emplace_back();
      chain.outputs[0].file = "{name}{extension}";
      chain.outputs[0].bit_depth = preset.bit_depth;
      chain.outputs[0].sample_rate_hz = preset.sample_rate_hz;
    }
  }
  if (target_lufs_) set_target(chain.master, *target_lufs_);
  if (ceiling_dbtp_) set_ceiling(chain.master, *ceiling_dbtp_);
  if (target_lufs_ && !had_limiter && !chain.master.limiter) set_ceiling(chain.master, -1);
  return chain;
}

ChainOptions ChainArguments::take(bool quiet) const {
  ChainOptions options;
  options.chain = chain(quiet);
  options.albums = album_ != "off";
  options.album = album_ == "loudest" ? AlbumLoudness::loudest_track : AlbumLoudness::pooled;
  options.allow_non_finite = allow_non_finite_;
  options.allow_damaged = allow_damaged_;
  return options;
}

std::vector<std::string> ChainArguments::words() const {
  std::vector<std::string> words;
  const auto add = [&](const char* option, const std::string& value) {
    words.insert(words.end(), {option, value});
  };
  if (!chain_.empty())
    add("--chain", std::filesystem::absolute(chain_).lexically_normal().string());
  if (!preset_.empty()) add("--preset", preset_);
  if (target_lufs_) add("--target", fmt::format("{}", *target_lufs_));
  if (ceiling_dbtp_) add("--ceiling", fmt::format("{}", *ceiling_dbtp_));
  if (album_ != "pooled") add("--album", album_);
  if (allow_non_finite_) words.emplace_back("--allow-non-finite");
  if (allow_damaged_) words.emplace_back("--allow-damaged");
  return words;
}

Manifest with_albums(Manifest manifest, const ChainOptions& options) {
  if (!options.albums)
    for (CatalogueItem& item : manifest.items) item.album.clear();
  return manifest;
}

}  // namespace tutti::cli
