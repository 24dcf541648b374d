// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <algorithm>
#include <sstream>

#include "cli/output.hpp"

namespace tutti::cli {
namespace {

constexpr std::size_t kTextColumns = 80;

std::string wrapped(const std::string& text) {
  std::istringstream words(text);
  std::string out, line;
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > kTextColumns) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + line + "\n";
}

}  // namespace

CommandLine::CommandLine(const std::string& name, const std::string& description,
                         const std::string& example)
    : CLI::App("", "tutti " + name), description_(description), example_(example) {
  set_help_flag();  // the help is found before parsing, so that it never needs the other arguments
  const std::string description_of_help = "Print this help and exit";
  add_flag("-h,--help", description_of_help);
  get_formatter()->column_width(34);
}

bool CommandLine::read(Arguments arguments) {
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (arguments[i] == "-h" || arguments[i] == "--help") {
      print(help_text());
      return false;
    }
    const bool last = i + 1 == arguments.size();
    const bool before_option =
        !last && arguments[i + 1] != "-" && arguments[i + 1].starts_with('-');
    if (arguments[i] == "--json" && (last || before_option)) arguments[i] = "--json=-";
  }
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them last first
  parse(std::move(arguments));
  return true;
}

std::string CommandLine::help_text() const {
  return "Example:\n  " + example_ + "\n\n" + wrapped(description_) + "\n" + help();
}

JsonOption::JsonOption(CommandLine& line) {
  line.add_option("--json", path_, "Write one JSON document to FILE; - is standard output")
      ->type_name("FILE|-");
}

void JsonOption::give_back(std::string& missing_input) {
  if (!missing_input.empty() || path_.empty() || path_ == "-") return;
  missing_input = path_;
  path_ = "-";
}

}  // namespace tutti::cli
