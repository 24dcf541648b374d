// SPDX-License-Identifier: Apache-2.0
// What `tutti check` finds in the files that a session names, and in what they would be used for.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <mutex>

#include "host/audio/buffer.hpp"
#include "host/engine/clock.hpp"
#include "host/engine/prepare.hpp"

namespace tutti {
namespace {

constexpr Frames kBlockFrames = 65536;

class Checker {
 public:
  Checker(const Session& session, const CheckOptions& options)
      : session_(session), options_(options) {}

  std::vector<Issue> run() {
    const DecodeOptions decoding{options_.allow_non_finite};
    const WarningSink sink = [this](const Warning& warning) { take(warning); };
    SessionInputs inputs = open_inputs(session_, sink, decoding, issues_);
    const bool complete = !has_errors(issues_);
    files_ = inputs.files;
    if (options_.decode) decode_all(decoding);
    if (options_.session_is_valid) compile(std::move(inputs), complete, sink);
    place_warnings();
    return std::move(issues_);
  }

 private:
  void take(const Warning& warning) {
    const std::lock_guard lock(mutex_);
    warnings_.push_back(warning);
  }

  /// Files differ in length by orders of magnitude: each is a task of its own.
  void decode_all(const DecodeOptions& decoding) {
    for (const InputFile& file : files_) total_ += file.info.frames;
    tbb::parallel_for(std::size_t{0}, files_.size(), [&](std::size_t i) {
      try {
        decode(files_[i], decoding);
      } catch (const IoError& problem) {
        if (problem.fault() == IoFault::exhausted) throw;
        const std::lock_guard lock(mutex_);
        issues_.push_back(issue_at(session_, files_[i].place, problem.what()));
      }
    });
  }

  void decode(const InputFile& file, const DecodeOptions& decoding) {
    const auto reader = open_audio(
        file.path, [this](const Warning& warning) { take(warning); }, decoding);
    Buffer block(file.info.channels, std::min(kBlockFrames, std::max<Frames>(1, file.info.frames)));
    for (Frames first = 0; first < file.info.frames; first += block.frames()) {
      if (options_.stop && options_.stop->load()) throw Cancelled();
      const Frames count = std::min(block.frames(), file.info.frames - first);
      reader->read(first, block.view().slice(0, count));
      advance(count);
    }
  }

  void advance(Frames frames) {
    if (!options_.progress) return;
    const std::lock_guard lock(mutex_);
    done_ += frames;
    const double elapsed = std::max(1e-9, clock_.seconds());
    Progress progress;
    progress.stage = "check";
    progress.done = done_;
    progress.total = total_;
    progress.realtime_factor = static_cast<double>(done_) / session_.sample_rate_hz / elapsed;
    progress.eta_s = elapsed * static_cast<double>(total_ - done_) / static_cast<double>(done_);
    options_.progress(progress);
  }

  /// Deliveries and graph, as far as what was found allows.
  void compile(SessionInputs inputs, bool complete, const WarningSink& sink) {
    RenderOptions options;
    options.warnings = sink;
    try {
      std::vector<Delivery> deliveries = resolve_deliveries(session_, options);
      if (complete) prepare(session_, options, std::move(deliveries), std::move(inputs), 1);
    } catch (const SessionError& error) {
      issues_.insert(issues_.end(), error.issues().begin(), error.issues().end());
    }
  }

  /// A warning about a file stands where the session names the file; another says its own place.
  void place_warnings() {
    for (const Warning& warning : warnings_) {
      const auto file = std::find_if(files_.begin(), files_.end(), [&](const InputFile& known) {
        return known.path == warning.path;
      });
      Issue issue = file != files_.end()
                        ? issue_at(session_, file->place, warning.path + ": " + warning.message)
                        : issue_at(session_, warning.path, warning.message);
      issue.severity = Severity::warning;
      issues_.push_back(std::move(issue));
    }
  }

  const Session& session_;
  const CheckOptions& options_;
  std::vector<Issue> issues_;
  std::vector<Warning> warnings_;
  std::vector<InputFile> files_;
  std::mutex mutex_;
  Stopwatch clock_;
  Frames done_ = 0, total_ = 0;
};

}  // namespace

std::vector<Issue> check_inputs(const Session& session, const CheckOptions& options) {
  return Checker(session, options).run();
}

}  // namespace tutti
