// SPDX-License-Identifier: Apache-2.0
// A session in, finished files out.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/dsp/measurement.hpp"
#include "host/engine/long_buffer.hpp"
#include "host/session/issues.hpp"
#include "host/session/model.hpp"

namespace tutti {

/// One step of progress. `stage` is "check", "mix" or "master", where `done` and `total` are frames of
/// that stage, or "write", where they are files that have been read back.
struct Progress {
  std::string stage;
  Frames done = 0;
  Frames total = 0;
  std::optional<double> realtime_factor;  ///< programme seconds per wall second so far
  double eta_s = 0;                       ///< to the end of the stage
};
using ProgressSink = std::function<void(const Progress&)>;

struct RenderOptions {
  std::filesystem::path output_directory;  ///< base of relative output paths; empty: the session's
  bool overwrite = false;
  std::string device = "auto";             ///< auto | cpu | cuda[:N]
  int threads = 0;                         ///< 0: all cores
  std::uint64_t max_memory_bytes = 0;      ///< 0: a default of 1 GiB
  std::optional<TimeSpec> range_start, range_end;  ///< override the session's start and end
  std::vector<std::string> only;           ///< outputs to write, by file or source name; empty: all
  std::vector<std::string> solo;           ///< strips to solo, added to the session's
  std::vector<std::string> disabled_passes;  ///< graph passes by name
  bool digests = true;  ///< sha256 and audio_md5 of every output; else they stay empty
  bool allow_non_finite = false;  ///< NaN and infinity in stems are read as 0, with a warning
  bool read_ahead = false;        ///< of few stems: each is decoded by a thread of its own
  ProgressSink progress;
  WarningSink warnings;
  const std::atomic<bool>* stop = nullptr;  ///< polled; set: Cancelled is thrown, nothing is left
};

struct RenderedOutput {
  std::string file;    ///< as written, absolute
  std::string source;  ///< "mix", "master" or the strip's name
  std::string sha256;
  std::string audio_md5;
  std::int64_t bytes = 0;  ///< that were written; 0 of a skipped output
  bool up_to_date = false;          ///< existed already from the same inputs and settings: skipped
  std::optional<double> target_lufs, ceiling_dbtp;  ///< what was asked of it
  LoudnessMode loudness_mode = LoudnessMode::integrated;
  bool only_if_louder = false;  ///< the target is a limit: below it nothing was asked
  // Of a skipped output as it was written then; none where that is not known.
  std::optional<double> gain_db;    ///< static gain that reached the target
  std::optional<double> limiter_max_reduction_db;
  std::optional<std::int64_t> clipped_samples;
  Measurement measured;             ///< of the file as read back from disk
};

/// Wall times, but `decode_s`: the time of all threads in reading and converting stems, which happens
/// during the mix.
struct RenderTimings {
  double startup_s = 0, decode_s = 0, mix_s = 0, master_s = 0, encode_s = 0, wall_s = 0;
};

struct RenderResult {
  std::string session;
  std::string device;        ///< as --device names it
  std::string device_note;   ///< why `auto` did not take CUDA
  std::optional<double> duration_s;  ///< of the programme; none: nothing had to be rendered
  int stems = 0;
  double stem_seconds = 0;  ///< seconds of mono stem at 48 kHz: the unit of speed
  RenderTimings timings;
  std::optional<double> realtime_factor;
  std::uint64_t peak_memory_bytes = 0;
  std::vector<RenderedOutput> outputs;
  std::vector<Warning> warnings;
};

/// Mixes, masters and writes every output of the session in one pass over the stems.
/// Throws SessionError (before any output exists), IoError, DeviceError, Cancelled.
RenderResult render(const Session& session, const RenderOptions& options);

class Backend;
/// The same on a device that is open: what it keeps (stems, plans) serves the next render too.
RenderResult render_on(Backend& backend, const Session& session, const RenderOptions& options);

struct CheckOptions {
  bool session_is_valid = true;  ///< off: validation found errors, so nothing is built from it
  bool decode = true;            ///< every file is decoded whole, not only opened
  bool allow_non_finite = false;
  ProgressSink progress;
  const std::atomic<bool>* stop = nullptr;
};

/// Opens and decodes every file the session names, each once, and reports at its line what is wrong
/// (missing, damaged, too many channels, clip outside its file) or was tolerated; then what a valid
/// session could not be rendered for. Touches nothing. Throws IoError (IoFault::exhausted), Cancelled.
std::vector<Issue> check_inputs(const Session& session, const CheckOptions& options = {});

/// Changes whenever the same input and settings would sound different.
std::string sound_version();

/// What leaves the master's inserts, before trim, loudness and limiter, from `start_frame` of the
/// timeline on. Throws as `render`.
struct MasterMix {
  LongBuffer signal;
  Frames start_frame = 0;
};
/// Hears the master or a strip of that mix, from `start_frame` on; the session has an output of it,
/// which is not written.
struct MixListener {
  std::string source;  ///< "master", or the strip's name
  std::function<void()> begin;  ///< before its first block; again where a mix had to start anew
  std::function<void(ConstBlockView)> take;
};
MasterMix mix_master_on(Backend& backend, const Session& session, const RenderOptions& options,
                        std::span<const MixListener> listeners = {});

/// What a render would do; `json` is the document of `tutti plan --json`, `text` the readable one.
struct PlanDescription {
  std::string text;
  std::string json;
};
namespace roofline {
struct Machine;
}
/// On `cuda`, which need not be there, with the least time that `machine` could take for it.
PlanDescription describe_plan(const Session& session, const RenderOptions& options,
                              const roofline::Machine& machine);

}  // namespace tutti
