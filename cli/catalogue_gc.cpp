// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/gc.hpp"

#include <fmt/format.h>

#include "cli/catalogue.hpp"
#include "cli/output.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti::cli {
namespace {

/// "24h", "90m", "30s", "2d". Throws UsageError.
std::chrono::seconds parse_age(const std::string& text) {
  const auto refuse = [&]() -> UsageError {
    return UsageError("--older-than " + printable(text) + ": is no age; write it like 24h or 30m");
  };
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos || digits > 6 || digits + 1 != text.size())
    throw refuse();
  const int number = std::stoi(text);
  switch (text.back()) {
    case 's':
      return std::chrono::seconds(number);
    case 'm':
      return std::chrono::minutes(number);
    case 'h':
      return std::chrono::hours(number);
    case 'd':
      return std::chrono::hours(24) * number;
    default:
      throw refuse();
  }
}

}  // namespace

int run_catalogue_gc(const Arguments& arguments) {
  CommandLine line("catalogue gc",
                   "Remove what killed processes left under a folder: temporary files, half-made bags, "
                   "notes of outputs. Finished outputs are never touched.",
                   "tutti catalogue gc -o out --older-than 24h\n  removes those that nobody has "
                   "written to for a day; with --dry-run it only lists them");
  std::string out, age = "24h";
  bool dry_run = false, quiet = false;
  add_out_option(line, out);
  line.add_option("--older-than", age, "Leave younger ones: a process may still write them")
      ->option_text("AGE (24h)");
  line.add_flag("--dry-run", dry_run, "List them only");
  line.add_flag("-q,--quiet", quiet, "Print errors only");
  if (!line.read(arguments)) return kDone;
  require_option(out, "gc", "-o DIR");
  const std::vector<Leftover> leftovers = find_leftovers(out, parse_age(age));
  std::uint64_t bytes = 0;
  for (const Leftover& leftover : leftovers) {
    bytes += leftover.bytes;
    if (!quiet) print(printable(leftover.file.string()) + "\n");
  }
  if (!dry_run) remove_leftovers(out, leftovers);
  if (!quiet)
    print(fmt::format("{} of {} {}\n",
                      leftovers.size() == 1 ? "1 file" : fmt::format("{} files", leftovers.size()),
                      format_bytes(bytes), dry_run ? "would be removed" : "removed"));
  return kDone;
}

}  // namespace tutti::cli
