// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

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

bool CommandLine::read(const Arguments& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument == "-h" || argument == "--help") {
      print(help_text());
      return false;
    }
  }
  parse(Arguments(arguments.rbegin(), arguments.rend()));  // CLI11 takes them last first
  return true;
}

std::string CommandLine::help_text() const {
  return "Example:\n  " + example_ + "\n\n" + wrapped(description_) + "\n" + help();
}

JsonOption::JsonOption(CommandLine& line)
    : option_(
          line.add_option("--json", value_, "Write one JSON document to FILE; - is standard output")
              ->type_name("FILE|-")
              ->expected(0, 1)) {}

std::string JsonOption::path() const {
  if (option_->count() == 0) return "";
  return value_.empty() || given_back_ ? "-" : value_;
}

void JsonOption::give_back(std::string& missing_input) {
  if (!missing_input.empty() || value_.empty() || value_ == "-") return;
  missing_input = value_;
  given_back_ = true;
}

}  // namespace tutti::cli
