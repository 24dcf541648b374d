// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "host/catalogue/catalogue_report.hpp"
#include "host/catalogue/distribution.hpp"
#include "host/catalogue/report_goals.hpp"
#include "host/report/html_page.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti {
namespace {

// More rows than this make a page that no browser scrolls well; the CSV has them all.
constexpr std::size_t kMostRows = 1000;

constexpr const char* kStyle = R"(svg { width: 100%; max-width: 44rem; display: block; }
svg line { stroke: #8888; } svg text { font-size: 11px; fill: currentColor; }
.before { fill: #8a8a8a66; } .after { fill: #2f6fb5cc; }
span.before, span.after { display: inline-block; width: .8em; height: .8em; }
span.before { background: #8a8a8a66; } span.after { background: #2f6fb5cc; }
)";

std::string table(std::initializer_list<const char*> texts,
                  std::initializer_list<const char*> numbers, const std::string& rows) {
  return "<div class=\"scroll\"><table>\n" + head_row(texts, numbers) + rows + "</table></div>\n";
}

std::string distributions_section(const CatalogueReport& report) {
  std::string out =
      "<h2>Levels</h2>\n<p><span class=\"before\"></span> before "
      "<span class=\"after\"></span> after; one bar a decibel, its height the number of "
      "files.</p>\n";
  for (const catalogue::Distribution& d : catalogue::distributions_of(report)) {
    out += fmt::format("<h3>{}, {}</h3>\n{}", d.name, d.unit, catalogue::histogram_svg(d));
    std::string rows;
    for (const auto& [when, list] :
         {std::pair("before", &d.before), std::pair("after", &d.after)}) {
      rows += fmt::format("<tr><td>{}</td>", when) + number_cell(std::to_string(list->size()));
      for (const double share : {0.0, 0.05, 0.5, 0.95, 1.0})
        rows += number_cell(format_value(catalogue::quantile(*list, share), 2));
      rows += "</tr>\n";
    }
    out += table({""}, {"files", "least", "5 %", "median", "95 %", "greatest"}, rows);
  }
  return out;
}

std::string failures_section(const CatalogueReport& report) {
  if (report.failures.empty() && report.missing.empty()) return "<h2>Failures</h2>\n<p>None.</p>\n";
  std::string rows;
  for (const ItemResult& failure : report.failures)
    rows += "<tr>" + text_cell(failure.id) + text_cell(failure.kind) + text_cell(failure.message) +
            text_cell(failure.retriable ? "worth a retry" : "for good") + "</tr>\n";
  std::size_t listed = 0;
  for (const std::string& id : report.missing)
    if (++listed <= kMostRows)
      rows += "<tr>" + text_cell(id) + "<td>missing</td><td></td><td>not tried</td></tr>\n";
  return "<h2>Failures</h2>\n" + table({"item", "kind", "message", ""}, {}, rows);
}

std::string findings_section(const CatalogueReport& report) {
  struct Finding {
    std::size_t count = 0;
    std::string example;
  };
  std::map<std::string, Finding> by_code;
  for (const ReportedItem& item : report.items)
    for (const Warning& warning : item.sidecar.findings) {
      Finding& finding = by_code[warning.code];
      if (finding.count++ == 0) finding.example = item.sidecar.id + ": " + warning.message;
    }
  if (by_code.empty()) return "<h2>Findings</h2>\n<p>None.</p>\n";
  std::string rows;
  for (const auto& [code, finding] : by_code)
    rows += "<tr>" + text_cell(code) + text_cell(finding.example) +
            number_cell(std::to_string(finding.count)) + "</tr>\n";
  return "<h2>Findings</h2>\n" + table({"finding", "for example"}, {"times"}, rows);
}

/// One service, and what it will do to each file.
struct ServiceFigures {
  std::string name;
  std::optional<double> target_lufs;
  std::vector<double> gains_db, peaks_dbtp;  ///< ascending
  std::size_t over_ceiling = 0;
};

std::optional<double> number_in(const nlohmann::ordered_json& object, const char* key) {
  if (!object.contains(key) || !object[key].is_number()) return {};
  return object[key].get<double>();
}

/// In the order of the presets. Another program may have written what is no figure.
std::vector<ServiceFigures> service_figures_of(const CatalogueReport& report) {
  std::vector<ServiceFigures> services;
  for (const ReportedItem& item : report.items) {
    if (!item.sidecar.services.is_array()) continue;
    for (const auto& playback : item.sidecar.services) {
      if (!playback.is_object() || !playback.contains("service") ||
          !playback["service"].is_string())
        continue;
      const auto gain_db = number_in(playback, "gain_db"),
                 peak_dbtp = number_in(playback, "true_peak_dbtp");
      if (!gain_db || !peak_dbtp) continue;
      const std::string name = playback["service"].get<std::string>();
      const auto target_lufs = number_in(playback, "target_lufs");
      auto found =
          std::find_if(services.begin(), services.end(), [&](const ServiceFigures& service) {
            return service.name == name && service.target_lufs == target_lufs;
          });
      if (found == services.end())
        found = services.insert(services.end(), ServiceFigures{name, target_lufs, {}, {}});
      found->gains_db.push_back(*gain_db);
      found->peaks_dbtp.push_back(*peak_dbtp);
      if (playback.contains("over_ceiling") && playback["over_ceiling"] == true)
        ++found->over_ceiling;
    }
  }
  for (ServiceFigures& service : services) {
    std::sort(service.gains_db.begin(), service.gains_db.end());
    std::sort(service.peaks_dbtp.begin(), service.peaks_dbtp.end());
  }
  return services;
}

/// The delivery page of the job.
std::string services_section(const CatalogueReport& report) {
  std::string rows;
  for (const ServiceFigures& service : service_figures_of(report)) {
    rows += "<tr>" + text_cell(service.name) + number_cell(format_value(service.target_lufs)) +
            number_cell(std::to_string(service.gains_db.size()));
    for (const auto* figures : {&service.gains_db, &service.peaks_dbtp})
      for (const double share : {0.0, 0.5, 1.0})
        rows += number_cell(format_value(catalogue::quantile(*figures, share), 2));
    rows += number_cell(std::to_string(service.over_ceiling)) + "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<h2>Services</h2>\n<p>The gain that each will apply, and the true peak after it.</p>\n" +
         table({"service"},
               {"plays at LUFS", "files", "gain dB least", "median", "greatest", "dBTP least",
                "median", "greatest", "delivered above its ceiling"},
               rows);
}

std::string goal_cell(const ReportedItem& item) {
  if (item.stale)
    return fmt::format("<td class=\"missed\">{} changed since</td>", name_of(*item.stale));
  const Sidecar& sidecar = item.sidecar;
  if (!sidecar.target_lufs && !sidecar.ceiling_dbtp) return "<td>-</td>";
  const std::vector<std::string> missed = catalogue::missed_goals_of(sidecar);
  if (missed.empty()) return "<td class=\"met\">met</td>";
  std::string clauses;
  for (const std::string& clause : missed)
    clauses += (clauses.empty() ? "" : "<br>") + html_escaped(clause);
  return "<td class=\"missed\">" + clauses + "</td>";
}

std::string items_section(const CatalogueReport& report) {
  std::string rows;
  for (std::size_t i = 0; i < std::min(kMostRows, report.items.size()); ++i) {
    const Sidecar& s = report.items[i].sidecar;
    rows += "<tr>" + text_cell(s.id) + text_cell(s.album) + text_cell(report.items[i].output) +
            goal_cell(report.items[i]);
    for (const auto& level :
         {s.before.integrated_lufs, s.after.integrated_lufs, s.before.true_peak_dbtp,
          s.after.true_peak_dbtp, s.gain_db, s.limiter_max_reduction_db})
      rows += number_cell(format_value(level, 2));
    rows += "</tr>\n";
  }
  std::string out = "<h2>Items</h2>\n";
  if (report.items.size() > kMostRows)
    out += fmt::format("<p>The first {} of {}; the CSV has all of them.</p>\n", kMostRows,
                       report.items.size());
  return out + table({"item", "album", "output", "goal"},
                     {"LUFS before", "after", "dBTP before", "after", "gain dB", "limiter dB"},
                     rows);
}

/// What lies there and counts for nothing: told, so that nobody archives it unseen.
std::string not_asked_section(const CatalogueReport& report) {
  if (report.not_asked.empty()) return {};
  std::string rows;
  for (std::size_t i = 0; i < std::min(kMostRows, report.not_asked.size()); ++i)
    rows += "<tr>" + text_cell(report.not_asked[i].sidecar.id) +
            text_cell(report.not_asked[i].output) + "</tr>\n";
  return fmt::format("<h2>Not asked for any more</h2>\n<p>{} outputs, counted nowhere else.</p>\n",
                     report.not_asked.size()) +
         table({"item", "output"}, {}, rows);
}

}  // namespace

std::string catalogue_report_html(const CatalogueReport& report) {
  std::string out = page_head("Catalogue", kStyle);
  std::size_t bytes = 0;
  double length_s = 0;
  for (const ReportedItem& item : report.items) {
    bytes += item.sidecar.output.bytes;
    if (item.sidecar.output.sample_rate_hz > 0)
      length_s +=
          static_cast<double>(item.sidecar.output.frames) / item.sidecar.output.sample_rate_hz;
  }
  out += fmt::format(
      "<h1>Catalogue</h1>\n<p>{} outputs, {} of audio, {}; {} failed, {} missing{}.</p>\n",
      report.items.size(), format_duration(length_s), format_bytes(bytes), report.failures.size(),
      report.missing.size(),
      stale_count(report) > 0 ? fmt::format(", {} stale", stale_count(report)) : "");
  return out + distributions_section(report) + failures_section(report) + findings_section(report) +
         services_section(report) + items_section(report) + not_asked_section(report) +
         "</body>\n</html>\n";
}

}  // namespace tutti
