// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/align.hpp"
#include "cli/command_line.hpp"
#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "host/audio/buffer.hpp"
#include "host/io/decode.hpp"
#include "host/report/comparison.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti::cli {
namespace {

constexpr Frames kBlockFrames = 16384;

struct CompareOptions {
  bool align = false, quiet = false, allow_non_finite = false;
};

/// Frames [first, end) of A are set against B, moved by `offset` and divided by `gain`.
struct Alignment {
  Frames first = 0, end = 0;
  Frames offset = 0;
  double gain = 1;
};

// Calls visit(frame of A, block of A, block of B) over the range.
template <typename Visit>
void visit_pairs(AudioReader& a, AudioReader& b, const Alignment& alignment, const Visit& visit) {
  Buffer block_a(a.info().channels, kBlockFrames), block_b(a.info().channels, kBlockFrames);
  for (Frames first = alignment.first; first < alignment.end; first += kBlockFrames) {
    throw_if_stopped();
    const Frames count = std::min(kBlockFrames, alignment.end - first);
    const BlockView view_a = block_a.view().slice(0, count),
                    view_b = block_b.view().slice(0, count);
    a.read(first, view_a);
    b.read(first + alignment.offset, view_b);
    visit(first, ConstBlockView(view_a), ConstBlockView(view_b));
  }
}

// The g that makes b − g·a least in the mean square: Σab / Σaa; 0 when a is silent.
double least_squares_gain(AudioReader& a, AudioReader& b, const Alignment& alignment) {
  double products = 0, squares = 0;
  visit_pairs(a, b, alignment, [&](Frames, ConstBlockView block_a, ConstBlockView block_b) {
    for (int c = 0; c < block_a.channels; ++c)
      for (Frames n = 0; n < block_a.frames; ++n) {
        const double x = block_a.channel(c)[n];
        products += x * block_b.channel(c)[n];
        squares += x * x;
      }
  });
  return squares > 0 ? products / squares : 0;
}

// Peak, RMS and first frame of A − B / gain.
void measure_difference(AudioReader& a, AudioReader& b, const Alignment& alignment,
                        Comparison& out) {
  double peak = 0, squares = 0;
  visit_pairs(a, b, alignment, [&](Frames first, ConstBlockView block_a, ConstBlockView block_b) {
    Frames earliest = block_a.frames;
    for (int c = 0; c < block_a.channels; ++c) {
      for (Frames n = 0; n < block_a.frames; ++n) {
        const double difference = block_a.channel(c)[n] - block_b.channel(c)[n] / alignment.gain;
        if (difference == 0) continue;
        peak = std::max(peak, std::abs(difference));
        squares += difference * difference;
        earliest = std::min(earliest, n);
      }
    }
    if (earliest < block_a.frames && !out.first_difference_frame)
      out.first_difference_frame = first + earliest;
  });
  out.compared_frames = alignment.end - alignment.first;
  const double samples = static_cast<double>(out.compared_frames) * out.channels;
  if (peak > 0) out.peak_difference_dbfs = linear_to_db(peak);
  if (squares > 0) out.rms_difference_dbfs = power_to_db(squares / samples);
}

void require_same_shape(const AudioInfo& a, const AudioInfo& b) {
  if (a.sample_rate_hz != b.sample_rate_hz)
    throw UsageError(
        fmt::format("the files have different sample rates, {} and {}: convert one first",
                    format_rate(a.sample_rate_hz), format_rate(b.sample_rate_hz)));
  if (a.channels != b.channels)
    throw UsageError(fmt::format("the files have different numbers of channels, {} and {}",
                                 a.channels, b.channels));
}

// What `aligned` found goes into the record; false: nothing in common.
bool align(AudioReader& a, AudioReader& b, Alignment& alignment, Comparison& out) {
  const std::optional<Frames> offset = find_offset(a, b);
  if (!offset) return false;
  alignment.offset = *offset;
  alignment.first = std::max<Frames>(0, -*offset);
  alignment.end = std::min(out.frames_a, out.frames_b - *offset);
  const double gain = least_squares_gain(a, b, alignment);
  if (gain == 0) return false;
  alignment.gain = gain;
  out.offset_frames = *offset;
  out.gain_db = linear_to_db(gain);
  out.inverted = gain < 0;
  return true;
}

std::unique_ptr<AudioReader> open_file(const std::string& path, const CompareOptions& options) {
  const auto show = [quiet = options.quiet](const Warning& warning) {
    if (!quiet)
      print_error("warning: " + printable(warning.path) + ": " + printable(warning.message) + "\n");
  };
  return open_audio(path, show, {options.allow_non_finite});
}

Comparison compare_files(const std::string& path_a, const std::string& path_b,
                         const CompareOptions& options) {
  const bool with_alignment = options.align;
  const auto a = open_file(path_a, options), b = open_file(path_b, options);
  require_same_shape(a->info(), b->info());
  Comparison out;
  out.a = path_a;
  out.b = path_b;
  out.sample_rate_hz = a->info().sample_rate_hz;
  out.channels = a->info().channels;
  out.frames_a = a->info().frames;
  out.frames_b = b->info().frames;
  out.aligned = with_alignment;
  const Alignment unmoved{0, std::max(out.frames_a, out.frames_b), 0, 1};
  Alignment alignment = unmoved;
  if (with_alignment) {
    if (!align(*a, *b, alignment, out)) alignment = unmoved;
  } else {
    out.offset_frames = 0;
    out.gain_db = 0;
    out.inverted = false;
  }
  measure_difference(*a, *b, alignment, out);
  // Silence past the end of the shorter file is no difference in level, but the files differ there.
  if (out.frames_a != out.frames_b && !with_alignment && !out.first_difference_frame)
    out.first_difference_frame = std::min(out.frames_a, out.frames_b);
  out.identical = out.frames_a == out.frames_b && !out.first_difference_frame &&
                  alignment.offset == 0 && alignment.gain == 1;
  return out;
}

}  // namespace

int run_compare(const Arguments& arguments) {
  CommandLine line("compare",
                   "Null test: what is left when B is subtracted from A. Samples are compared as "
                   "decoded. Where one file is longer, the other counts as silence there.",
                   "tutti compare before.wav after.wav --tolerance -120\n"
                   "  exit 1 if any sample differs by more than -120 dBFS");
  std::vector<std::string> paths;
  double tolerance_dbfs = 0;
  CompareOptions options;
  line.add_option("files", paths, "The two audio files")->option_text("A B");
  CLI::Option* const tolerance =
      line.add_option("--tolerance", tolerance_dbfs,
                      "Largest difference that passes; without it the result is only reported")
          ->type_name("DBFS");
  line.add_flag("--align", options.align,
                "Find offset (within 10 s), gain and polarity of B first and take them out");
  JsonOption json(line);
  line.add_flag("--allow-non-finite", options.allow_non_finite,
                "Read NaN and infinity as 0 instead of refusing them");
  line.add_flag("-q,--quiet", options.quiet, "Print errors only");
  if (!line.read(arguments)) return kDone;
  if (paths.size() != 2) throw UsageError("two files are needed: tutti compare A B");
  if (std::isnan(tolerance_dbfs)) throw UsageError("--tolerance: not a number");
  check_document_path(json.path(), DocumentKind::json, paths);

  Comparison comparison = compare_files(paths[0], paths[1], options);
  if (tolerance->count() > 0) {
    comparison.tolerance_dbfs = tolerance_dbfs;
    comparison.within_tolerance =
        comparison.peak_difference_dbfs.value_or(kMinusInfinityDb) <= tolerance_dbfs;
  }
  if (!options.quiet && !json.on_standard_output()) print(comparison_text(comparison));
  write_document(json.path(), DocumentKind::json, comparison_json(comparison));
  return comparison.within_tolerance.value_or(true) ? kDone : kGateFailed;
}

}  // namespace tutti::cli
