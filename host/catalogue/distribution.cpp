// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/distribution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tutti::catalogue {
namespace {

constexpr int kMostBins = 60;  // of 1 dB; what lies further from the top stands in the first one
constexpr double kWidth = 640, kHeight = 160, kFoot = 22;

using Level = std::optional<double> Measurement::*;

Distribution distribution_of(const CatalogueReport& report, const char* name, const char* unit,
                             Level level) {
  Distribution out{name, unit, {}, {}};
  for (const ReportedItem& item : report.items) {
    const auto add = [&](const Measurement& from, std::vector<double>& to) {
      if (const auto& value = from.*level; value && std::isfinite(*value)) to.push_back(*value);
    };
    add(item.sidecar.before, out.before);
    add(item.sidecar.after, out.after);
  }
  std::sort(out.before.begin(), out.before.end());
  std::sort(out.after.begin(), out.after.end());
  return out;
}

/// The bins of a picture: bin i holds the values in [first + i, first + i + 1).
struct Bins {
  int first = 0;
  std::vector<int> before, after;
  int highest = 1;
};

int floor_of(double value) { return static_cast<int>(std::floor(std::clamp(value, -1e6, 1e6))); }

Bins bins_of(const Distribution& d) {
  Bins bins;
  int low = 1'000'000, high = -1'000'000;
  for (const auto* list : {&d.before, &d.after})
    if (!list->empty()) {
      low = std::min(low, floor_of(list->front()));
      high = std::max(high, floor_of(list->back()));
    }
  bins.first = std::max(low, high - kMostBins + 1);
  const auto count = static_cast<std::size_t>(high - bins.first + 1);
  bins.before.resize(count);
  bins.after.resize(count);
  for (const double value : d.before) ++bins.before[std::max(0, floor_of(value) - bins.first)];
  for (const double value : d.after) ++bins.after[std::max(0, floor_of(value) - bins.first)];
  for (std::size_t i = 0; i < count; ++i)
    bins.highest = std::max({bins.highest, bins.before[i], bins.after[i]});
  return bins;
}

std::string bars(const Bins& bins, const std::vector<int>& counts, const char* kind, double inset) {
  const double step = kWidth / static_cast<double>(counts.size());
  std::string out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const double height = (kHeight - 4) * counts[i] / bins.highest;
    out += fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
        "<title>{} … {}: {} {}</title></rect>\n",
        kind, step * (static_cast<double>(i) + inset), kHeight - height, step * (1 - 2 * inset),
        height, bins.first + static_cast<int>(i), bins.first + static_cast<int>(i) + 1, counts[i],
        kind);
  }
  return out;
}

}  // namespace

std::vector<Distribution> distributions_of(const CatalogueReport& report) {
  return {
      distribution_of(report, "Integrated loudness", "LUFS", &Measurement::integrated_lufs),
      distribution_of(report, "True peak", "dBTP", &Measurement::true_peak_dbtp),
      distribution_of(report, "Loudness range", "LU", &Measurement::loudness_range_lu),
  };
}

std::optional<double> quantile(const std::vector<double>& ascending, double share) {
  if (ascending.empty()) return {};
  const double rank = std::ceil(share * static_cast<double>(ascending.size()));
  return ascending[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

std::string histogram_svg(const Distribution& d) {
  if (d.before.empty() && d.after.empty()) return "<p>None has a level.</p>\n";
  const Bins bins = bins_of(d);
  const auto count = static_cast<int>(bins.before.size());
  std::string out =
      fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                  kHeight + kFoot, d.name);
  out += bars(bins, bins.before, "before", 0.02) + bars(bins, bins.after, "after", 0.22);
  out += fmt::format("<line x1=\"0\" y1=\"{0:.0f}\" x2=\"{1:.0f}\" y2=\"{0:.0f}\"/>\n", kHeight,
                     kWidth);
  const int step = std::max(1, count / 10);
  for (int i = 0; i < count; i += step)
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\">{}</text>\n", kWidth * i / count,
                       kHeight + kFoot - 6, bins.first + i);
  return out + "</svg>\n";
}

}  // namespace tutti::catalogue
