// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/unit.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <new>

#include "host/audio/errors.hpp"
#include "host/catalogue/intent.hpp"
#include "host/session/text.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

/// What tells that a file was written to, without reading it.
struct FileStamp {
  std::int64_t size = -1, seconds = 0, nanoseconds = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ino};
}

class Unit {
 public:
  Unit(const Manifest& manifest, const std::vector<const CatalogueItem*>& items,
       const CatalogueEngine& engine, const RunOptions& options)
      : manifest_(manifest), engine_(engine), options_(options) {
    for (const CatalogueItem* item : items) {
      items_.emplace_back();
      items_.back().item = item;
      results_.emplace_back();
      results_.back().id = item->id;
    }
  }

  std::vector<ItemResult> run() {
    try {
      work();
    } catch (const Cancelled&) {
      return {};
    } catch (const IoError& problem) {
      fail(problem);
    } catch (const DeviceError& problem) {
      fail_all("device_failed", problem.what(), true);
    } catch (const std::bad_alloc&) {
      fail_all("memory", "out of memory; fewer --jobs need less", true);
    } catch (const std::exception& problem) {
      fail_all("refused", problem.what(), false);
    }
    return std::move(results_);
  }

 private:
  void work() {
    const auto start = std::chrono::steady_clock::now();
    for (UnitItem& item : items_) take_stock(item);
    std::vector<std::string> inputs;
    for (const UnitItem& item : items_) inputs.push_back(item.input.sha256);
    for (UnitItem& item : items_) item.key_input = key_input(item.input.sha256, inputs);
    album_inputs_ = album_hash(inputs);
    refuse_inputs_as_outputs();
    if (is_up_to_date()) {
      for (ItemResult& result : results_) result.status = ItemResult::Status::skipped;
      forget_intents();
      return;
    }
    note_changed_inputs();
    check_stop();
    std::vector<std::vector<Sidecar>> sidecars =
        engine_.master(items_, [this] { check_unchanged(); });
    for (std::size_t i = 0; i < items_.size(); ++i)
      for (std::size_t o = 0; o < items_[i].outputs.size(); ++o)
        write_sidecar(sidecar_path(items_[i].outputs[o].file),
                      complete(std::move(sidecars[i][o]), items_[i], o), items_[i].replace[o]);
    forget_intents();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    for (ItemResult& result : results_)
      result.seconds = took.count() / static_cast<double>(results_.size());
  }

  void take_stock(UnitItem& item) {
    check_stop();
    stamps_.push_back(stamp_of(item.item->input));
    item.input = hash_file(item.item->input);
    item.outputs = engine_.plan(*item.item);
  }

  std::string key_of(const UnitItem& item, std::size_t output) const {
    return catalogue_key(item.key_input, item.outputs[output].settings.dump(),
                         engine_.sound_version);
  }

  /// Also decides what of the outputs that are there may be replaced: what this job made. Foreign
  /// and edited files stay, and are told before any work is done.
  bool is_up_to_date() {
    bool all = true;
    for (UnitItem& item : items_)
      for (std::size_t o = 0; o < item.outputs.size(); ++o) {
        const fs::path& file = item.outputs[o].file;
        OutputState state =
            output_state(file, key_of(item, o), options_.full_hash, options_.allow_damaged);
        // --overwrite replaces an output, but nobody's own file that has the sidecar's name.
        if (state == OutputState::foreign) check_sidecar_place(sidecar_path(file), true);
        const char* const others = others_reason(state);
        if (state == OutputState::stale && !options_.overwrite) refuse_other_names(item, file);
        if (others != nullptr && catalogue::was_intended(file))
          state = OutputState::stale;
        else if (others != nullptr && !options_.overwrite)
          throw IoError(file.string(), others, IoFault::output);
        all &= state == OutputState::up_to_date;
        item.replace.push_back(options_.overwrite || state == OutputState::stale ||
                               state == OutputState::up_to_date);
        item.before_rename.emplace_back(
            [file](const std::string& sha256) { catalogue::write_intent(file, sha256); });
      }
    return all;
  }

  /// Why an output in this state may not be replaced; null: it may.
  static const char* others_reason(OutputState state) {
    switch (state) {
      case OutputState::foreign:
        return "exists and is not this job's; give --overwrite to replace it";
      case OutputState::changed:
        return "was edited since this job wrote it; give --overwrite to replace it";
      case OutputState::damaged:
        return "its sidecar beside it is damaged, so nobody can tell what it is; give --overwrite "
               "to make both anew";
      default:
        return nullptr;
    }
  }

  /// Two inputs that differ in more than their content want one output: the second loses nothing of
  /// the first. Where only the content differs, the input was changed.
  void refuse_other_names(const UnitItem& item, const fs::path& output) const {
    const auto other = other_input_of(output, item.input.sha256);
    const fs::path name = public_input_name(manifest_, *item.item);
    if (!other || fs::path(*other).filename() == name.filename()) return;
    throw IoError(output.string(),
                  "was made of another input, " + text::printable(*other) +
                      "; give another -o folder, or --overwrite to replace it",
                  IoFault::output);
  }

  /// An original that rotted on its disk must not replace a good master in silence.
  void note_changed_inputs() {
    for (std::size_t i = 0; i < items_.size(); ++i)
      for (const PlannedOutput& output : items_[i].outputs)
        results_[i].input_changed |=
            other_input_of(output.file, items_[i].input.sha256).has_value();
  }

  void forget_intents() const {
    for (const UnitItem& item : items_)
      for (const PlannedOutput& output : item.outputs) catalogue::forget_intent(output.file);
  }

  /// Whatever it is called: links and folders that are links lead to it too.
  void refuse_inputs_as_outputs() const {
    for (const UnitItem& item : items_)
      for (const PlannedOutput& output : item.outputs)
        for (const UnitItem& other : items_) {
          std::error_code missing;
          if (fs::equivalent(output.file, other.item->input, missing))
            throw IoError(output.file.string(),
                          "is an input; an input is never overwritten: give another -o folder",
                          IoFault::output);
        }
  }

  void check_stop() const {
    if (options_.stop && options_.stop->load()) throw Cancelled();
  }

  void check_unchanged() const {
    for (std::size_t i = 0; i < items_.size(); ++i)
      if (stamp_of(items_[i].item->input) != stamps_[i])
        throw IoError(items_[i].item->input.string(),
                      "changed while it was read; run again when nothing writes to it",
                      IoFault::exhausted);
  }

  Sidecar complete(Sidecar sidecar, const UnitItem& item, std::size_t output) const {
    sidecar.key = key_of(item, output);
    sidecar.id = item.item->id;
    sidecar.album = item.item->album;
    sidecar.sound_version = engine_.sound_version;
    sidecar.input.file = public_input_name(manifest_, *item.item);
    sidecar.input.sha256 = item.input.sha256;
    sidecar.input.bytes = item.input.bytes;
    if (!sidecar.album.empty()) sidecar.album_inputs = album_inputs_;
    sidecar.settings = item.outputs[output].settings;
    sidecar.output.file = item.outputs[output].file.filename().string();
    sidecar.deliveries = static_cast<int>(item.outputs.size());
    return sidecar;
  }

  /// The item whose file it is fails by it; the others of its album for want of it.
  void fail(const IoError& problem) {
    const bool retriable = problem.fault() == IoFault::exhausted;
    const char* const kind = problem.fault() == IoFault::input    ? "input_unreadable"
                             : problem.fault() == IoFault::output ? "output_refused"
                                                                  : "exhausted";
    const auto is_its = [&](const UnitItem& item) {
      if (problem.path() == item.item->input.string()) return true;
      return std::any_of(item.outputs.begin(), item.outputs.end(), [&](const PlannedOutput& out) {
        const std::string file = out.file.string();
        return problem.path() == file || problem.path() == sidecar_path(file).string() ||
               problem.path() == catalogue::intent_path(file).string();
      });
    };
    const bool known = std::any_of(items_.begin(), items_.end(), is_its);
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (!known || is_its(items_[i]))
        fail(results_[i], kind, problem.what(), retriable);
      else
        fail(results_[i], "album_incomplete",
             fmt::format("album {}: {}; its tracks share one gain, --album off masters each alone",
                         items_[i].item->album, problem.what()),
             retriable);
    }
  }

  void fail_all(const char* kind, const std::string& message, bool retriable) {
    for (ItemResult& result : results_) fail(result, kind, message, retriable);
  }

  static void fail(ItemResult& result, const char* kind, const std::string& message,
                   bool retriable) {
    result.status = ItemResult::Status::failed;
    result.input_changed = false;  // nothing was replaced
    result.kind = kind;
    result.message = message;
    result.retriable = retriable;
  }

  const Manifest& manifest_;
  const CatalogueEngine& engine_;
  const RunOptions& options_;
  std::vector<UnitItem> items_;
  std::vector<FileStamp> stamps_;
  std::vector<ItemResult> results_;
  std::string album_inputs_;
};

}  // namespace

std::vector<ItemResult> run_unit(const Manifest& manifest,
                                 const std::vector<const CatalogueItem*>& items,
                                 const CatalogueEngine& engine, const RunOptions& options) {
  return Unit(manifest, items, engine, options).run();
}

}  // namespace tutti
