// SPDX-License-Identifier: Apache-2.0
#include "host/report/comparison.hpp"

#include <fmt/format.h>

#include "host/report/json_values.hpp"
#include "host/report/text_table.hpp"

namespace tutti {
namespace {

template <typename T>
nlohmann::ordered_json value_or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  return *value;
}

std::string alignment_text(const Comparison& c) {
  if (!c.offset_frames) return "alignment         not found: the files have no common material\n";
  std::string out =
      fmt::format("offset            {} frames ({:.3f} ms, B after A)\n", *c.offset_frames,
                  static_cast<double>(*c.offset_frames) * 1e3 / c.sample_rate_hz);
  out += fmt::format("gain              {} dB (B over A)\n", format_value(c.gain_db, 3));
  return out +
         fmt::format("polarity          {}\n", c.inverted.value_or(false) ? "inverted" : "normal");
}

}  // namespace

std::string comparison_json(const Comparison& c) {
  nlohmann::ordered_json out;
  out["peak_difference_dbfs"] = json_number(c.peak_difference_dbfs);
  out["rms_difference_dbfs"] = json_number(c.rms_difference_dbfs);
  out["first_difference_frame"] = value_or_null(c.first_difference_frame);
  out["offset_frames"] = value_or_null(c.offset_frames);
  out["gain_db"] = json_number(c.gain_db);
  out["polarity"] = nullptr;
  if (c.inverted) out["polarity"] = *c.inverted ? "inverted" : "normal";
  out["identical"] = c.identical;
  out["within_tolerance"] = value_or_null(c.within_tolerance);
  out["tolerance_dbfs"] = json_number(c.tolerance_dbfs);
  out["files"] = {json_text(c.a), json_text(c.b)};
  out["frames"] = {c.frames_a, c.frames_b};
  out["compared_frames"] = c.compared_frames;
  return json_document(out);
}

std::string comparison_text(const Comparison& c) {
  std::string out = fmt::format("A  {}\nB  {}\n", printable(c.a), printable(c.b));
  if (c.frames_a != c.frames_b)
    out +=
        fmt::format("length            differs: A has {} frames, B {}\n", c.frames_a, c.frames_b);
  if (c.aligned) out += alignment_text(c);
  if (c.identical) {
    out += fmt::format("identical         every sample of {} frames\n", c.compared_frames);
  } else if (!c.first_difference_frame) {
    out += fmt::format("difference        none over {} frames\n", c.compared_frames);
  } else {
    const double time_s = static_cast<double>(*c.first_difference_frame) / c.sample_rate_hz;
    out += fmt::format("peak difference   {} dBFS\n", format_value(c.peak_difference_dbfs, 2));
    out += fmt::format("RMS difference    {} dBFS\n", format_value(c.rms_difference_dbfs, 2));
    out += fmt::format("first difference  frame {} ({})\n", *c.first_difference_frame,
                       format_duration(time_s));
  }
  if (c.within_tolerance)
    out += fmt::format("tolerance         {} dBFS: {}\n", format_value(c.tolerance_dbfs, 2),
                       *c.within_tolerance ? "within" : "EXCEEDED");
  return out;
}

}  // namespace tutti
