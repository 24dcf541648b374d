// SPDX-License-Identifier: Apache-2.0
// Outputs: what they take, where they go, what their containers hold.
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "host/session/output_files.hpp"
#include "host/session/presets.hpp"
#include "host/session/text.hpp"
#include "host/session/validation.hpp"

namespace tutti {
namespace {

using PathSet = std::unordered_set<std::string>;

void add_impulses(const Session& session, const std::vector<InsertSpec>& inserts, PathSet& files) {
  for (const InsertSpec& insert : inserts) {
    const auto* convolver = std::get_if<ConvolverSpec>(&insert.processor);
    if (convolver == nullptr || convolver->impulse.empty()) continue;
    files.insert(resolve(session, convolver->impulse).string());
  }
}

/// Every file that the session reads.
PathSet input_files(const Session& session) {
  PathSet files;
  files.insert(session.file.lexically_normal().string());
  for (const StemSpec& stem : session.stems) {
    for (const ClipSpec& clip : stem.clips) files.insert(resolve(session, clip.file).string());
    add_impulses(session, stem.inserts, files);
  }
  for (const BusSpec& bus : session.buses) add_impulses(session, bus.inserts, files);
  add_impulses(session, session.master.inserts, files);
  return files;
}

class OutputChecks {
 public:
  explicit OutputChecks(Validation& v) : v_(v), inputs_(input_files(v.session)) {}

  void check(std::size_t index) {
    const OutputSpec& output = v_.session.outputs[index];
    path_ = "outputs[" + std::to_string(index) + "]";
    check_source(output);
    const DeliveryPreset* preset = check_preset(output);
    check_format(output, preset);
    if (!output.file.empty()) check_files(output);
  }

 private:
  void check_source(const OutputSpec& output) {
    const bool many = output.source == OutputSource::buses || output.source == OutputSource::stems;
    const bool named = output.file.find("{name}") != std::string::npos;
    if (many && !named && !output.file.empty()) {
      v_.error(path_ + ".file", "one file for each strip needs `{name}` in its name",
               "for example: \"stems/{name}.wav\"");
    }
    if (output.source == OutputSource::buses && v_.session.buses.empty()) {
      v_.error(path_ + ".source", "the session has no buses");
    }
    if (output.source != OutputSource::strip) return;
    if (v_.find(output.source_name) != Validation::kNone) return;
    std::string hint = did_you_mean(output.source_name, {"master", "mix", "buses", "stems"});
    hint = hint.empty() ? v_.suggest(output.source_name, false) : "did you mean `" + hint + "`?";
    v_.error(path_ + ".source",
             text::quoted(output.source_name) +
                 " is none of mix, master, buses, stems, and no stem or bus has this name",
             std::move(hint));
  }

  const DeliveryPreset* check_preset(const OutputSpec& output) {
    if (output.preset.empty()) return nullptr;
    const DeliveryPreset* preset = find_preset(output.preset);
    if (preset != nullptr) {
      if (output.source != OutputSource::master)
        v_.warning(path_ + ".preset",
                   "the level and the ceiling of " + text::quoted(output.preset) +
                       " are for the master: this output takes only its format from it",
                   "write source: master to have both");
      return preset;
    }
    std::vector<std::string> names;
    for (const DeliveryPreset& known : delivery_presets()) names.push_back(known.name);
    const std::string close = did_you_mean(output.preset, names);
    v_.error(path_ + ".preset", "there is no preset named " + text::quoted(output.preset),
             close.empty() ? "the presets are " + text::enumerate(names.data(), names.size(), "and")
                           : "did you mean `" + close + "`?");
    return nullptr;
  }

  void check_format(const OutputSpec& output, const DeliveryPreset* preset) {
    if (output.file.empty()) return;
    const double preset_rate_hz = preset != nullptr && preset->sample_rate_hz
                                      ? *preset->sample_rate_hz
                                      : v_.session.sample_rate_hz;
    const double rate_hz = output.sample_rate_hz.value_or(preset_rate_hz);
    const ContainerProblem problem = container_problem(output.file, output.bit_depth, rate_hz);
    using Field = ContainerProblem::Field;
    if (problem.field == Field::none) return;
    const bool odd_session_rate =
        v_.session.sample_rate_hz != std::floor(v_.session.sample_rate_hz);
    if (problem.field == Field::sample_rate && odd_session_rate) return;  // told at the session
    const bool own_rate = output.sample_rate_hz.has_value();
    const std::string field = problem.field == Field::bit_depth                 ? ".bit_depth"
                              : problem.field == Field::sample_rate && own_rate ? ".sample_rate_hz"
                                                                                : ".file";
    v_.error(path_ + field, problem.message, problem.hint);
  }

  void check_files(const OutputSpec& output) {
    const auto check = [&](const std::string& name) {
      check_file(output_file_name(output.file, name));
    };
    const bool many = output.source == OutputSource::buses || output.source == OutputSource::stems;
    if (many && output.file.find("{name}") == std::string::npos) return;  // told above
    for (std::size_t i = 0; many && i < v_.strips.size(); ++i) {
      const std::string& name = v_.strips[i].spec->name;
      const bool wanted = v_.strips[i].is_bus == (output.source == OutputSource::buses);
      if (wanted && v_.find(name) == i) check(name);  // a name that stands twice is told elsewhere
    }
    if (!many) {
      check(output.source == OutputSource::mix      ? "mix"
            : output.source == OutputSource::master ? "master"
                                                    : output.source_name);
    }
  }

  void check_file(const std::string& file) {
    const std::string normal = resolve(v_.session, file).string();
    const auto [first, fresh] = written_.try_emplace(normal, path_);
    if (inputs_.contains(normal)) {
      v_.error(path_ + ".file", text::quoted(file) + " is an input of this session",
               "an input is never overwritten: choose another name or folder");
    } else if (!fresh && first->second == path_) {
      v_.error(path_ + ".file", "several strips would be written to " + text::quoted(file),
               "names that differ only in slashes give one file");
    } else if (!fresh) {
      v_.error(path_ + ".file", text::quoted(file) + " is written by " + first->second + " too",
               "give every output a file of its own");
    }
  }

  Validation& v_;
  PathSet inputs_;
  std::unordered_map<std::string, std::string> written_;
  std::string path_;
};

}  // namespace

void check_outputs(Validation& v) {
  OutputChecks checks(v);
  for (std::size_t i = 0; i < v.session.outputs.size(); ++i) checks.check(i);
}

}  // namespace tutti
