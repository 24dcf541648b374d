// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/align.hpp"
#include "cli/command_line.hpp"
#include "cli/difference.hpp"
#include "cli/output.hpp"
#include "host/io/decode.hpp"
#include "host/report/comparison.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti::cli {
namespace {

struct CompareOptions {
  bool align = false, quiet = false, allow_non_finite = false;
};

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
