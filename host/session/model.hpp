// SPDX-License-Identifier: Apache-2.0
// A session as the user wrote it: plain values, user units, no audio.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/automation.hpp"
#include "host/dsp/compressor.hpp"
#include "host/dsp/convolver.hpp"
#include "host/dsp/delay.hpp"
#include "host/dsp/dither.hpp"
#include "host/dsp/eq.hpp"
#include "host/dsp/expander.hpp"
#include "host/dsp/fade.hpp"
#include "host/dsp/gain.hpp"
#include "host/dsp/gate.hpp"
#include "host/dsp/limiter.hpp"
#include "host/dsp/pan.hpp"
#include "host/dsp/programme_loudness.hpp"
#include "host/dsp/stereo.hpp"

namespace tutti {

namespace yaml {
class Document;
}

/// Where a value stands in a session file; line and column count from 1, 0 means unknown.
struct SourceSpan {
  int line = 0;
  int column = 0;
  int length = 1;
};

/// Source position of every value, by its path ("stems[3].inserts[1].compressor.ratio"): the tree
/// that the file was read into, shared, so that a Session stays cheap to copy. Null for a session
/// that was not read from a file. Asked through `find_span` (issues.hpp).
using SpanMap = std::shared_ptr<const yaml::Document>;

/// A time as written: seconds ("12.5", "m:ss.mmm", "h:mm:ss.mmm") or samples ("480000 smp").
struct TimeSpec {
  double value = 0;
  bool in_samples = false;
  Frames frames(double sample_rate_hz) const {
    return in_samples ? static_cast<Frames>(value) : seconds_to_frames(value, sample_rate_hz);
  }
};

struct FadeSpec {
  double length_ms = 0;
  FadeShape shape = FadeShape::linear;
};

/// One piece of one file on a stem's timeline. Clips of a stem may overlap: they add.
struct ClipSpec {
  std::string file;
  TimeSpec at;                     ///< position on the timeline
  TimeSpec from;                   ///< position in the file (in session-rate samples if "smp")
  std::optional<TimeSpec> length;  ///< default: to the end of the file
  double gain_db = 0;
  std::optional<FadeSpec> fade_in, fade_out;
};

using ProcessorSpec = std::variant<EqSpec, CompressorSpec, GateSpec, ExpanderSpec, DelaySpec,
                                   ConvolverSpec, GainSpec, StereoSpec, LimiterSpec>;

struct InsertSpec {
  std::string name;  ///< for automation targets; may be empty
  bool enabled = true;
  double mix = 1;  ///< 0 dry … 1 processed
  ProcessorSpec processor;
};

enum class SendTap { pre_inserts, pre_fader, post_fader };

struct SendSpec {
  std::string to;
  double gain_db = 0;
  SendTap tap = SendTap::post_fader;
};

/// `target` is "gain_db", "pan", "pan.width", "mute", "sends.<bus>.gain_db" or
/// "inserts.<name or index>.<field path>" ("inserts.comp.threshold_db",
/// "inserts.0.bands.1.gain_db"). mute: value ≥ 0.5 mutes, always `hold`.
struct AutomationSpec {
  struct Point {
    TimeSpec time;
    double value = 0;  ///< dB fields allow −inf
  };
  std::string target;
  Interpolation interpolation = Interpolation::linear;
  AutomationDomain domain = AutomationDomain::db;
  std::vector<Point> points;
};

/// A number is a pan (mono) or balance (stereo); {position, width} is stereo pan.
struct PanSpec {
  double position = 0;
  std::optional<double> width;
};

/// What stems, buses and the master have in common.
struct StripSpec {
  std::string name;
  double gain_db = 0;
  PanSpec pan;
  bool mute = false;
  bool solo = false;
  bool invert_polarity = false;
  std::string output;  ///< a bus; empty: the master
  std::vector<InsertSpec> inserts;
  std::vector<SendSpec> sends;
  std::vector<AutomationSpec> automation;
};

struct StemSpec : StripSpec {
  std::vector<ClipSpec> clips;  ///< `file:` alone is one clip at 0
};

struct BusSpec : StripSpec {};

struct GroupSpec {
  std::string name;
  std::vector<std::string> members;
  double gain_db = 0;
  bool mute = false;
  std::vector<AutomationSpec> automation;  ///< targets: gain_db, mute
};

struct LoudnessTargetSpec {
  double target_lufs = -16;
  double tolerance_lu = 0.1;
  LoudnessMode mode = LoudnessMode::integrated;
  bool only_if_louder = false;  ///< what is at the target or below keeps its level
  std::optional<double> plr_min_db;  ///< warn when less than this is left between loudness and peak
};

/// `auto` cuts digital near-silence (below −90 dBFS) at that end; a time is an absolute position.
struct TrimSpec {
  bool auto_start = false, auto_end = false;
  std::optional<TimeSpec> start, end;
};

struct MasterFadeSpec {
  double length_s = 0;
  FadeShape shape = FadeShape::linear;
};

struct MasterSpec {
  double gain_db = 0;
  std::vector<InsertSpec> inserts;
  std::optional<LoudnessTargetSpec> loudness;
  std::optional<LimiterSpec> limiter;
  TrimSpec trim;
  std::optional<MasterFadeSpec> fade_in, fade_out;
  std::vector<AutomationSpec> automation;  ///< gain_db and inserts
};

enum class SampleFormat { pcm8, pcm16, pcm24, pcm32, float32, float64 };

enum class OutputSource {
  mix,     ///< the sum at the master's input
  master,  ///< after everything
  strip,   ///< one named stem or bus, after its fader and pan
  buses,   ///< every bus, one file each: `{name}` in the file name
  stems    ///< every stem, likewise
};

struct OutputSpec {
  std::string file;  ///< relative to the output folder; the extension chooses the container
  OutputSource source = OutputSource::master;
  std::string source_name;                ///< for OutputSource::strip
  std::optional<SampleFormat> bit_depth;  ///< default: the preset's, else 24
  std::optional<double> sample_rate_hz;   ///< default: the session's
  std::optional<DitherKind>
      dither;  ///< default: tpdf below 24 bit integer, tpdf at 24 for master, else none
  std::uint64_t seed = 0;
  std::string preset;  ///< delivery target; empty: none
};

struct TailSpec {
  double until_db = -100;
  double max_s = 30;
};

struct Session {
  std::filesystem::path file;       ///< the session file itself
  std::filesystem::path directory;  ///< base of relative input paths
  int version = 1;
  std::string title;
  double sample_rate_hz = 48000;
  std::string layout = "stereo";
  PanLaw pan_law = PanLaw::minus_3;
  std::optional<TimeSpec> start, end;
  TailSpec tail;
  std::vector<StemSpec> stems;
  std::vector<BusSpec> buses;
  std::vector<GroupSpec> groups;
  MasterSpec master;
  std::vector<OutputSpec> outputs;
  SpanMap spans;
};

/// The key under which a processor is written in `inserts`.
inline const char* processor_key(const ProcessorSpec& processor) {
  return std::visit([](const auto& spec) { return spec.kKey; }, processor);
}

/// A path of the session, made absolute against its folder.
inline std::filesystem::path resolve(const Session& session, const std::string& path) {
  return (session.directory / path).lexically_normal();
}

}  // namespace tutti
