// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"
#include "cli/output.hpp"
#include "host/session/parser.hpp"

namespace tutti::cli {

int run_schema(const Arguments& arguments) {
  CommandLine line("schema",
                   "Print the JSON Schema of a session, for editors that complete and "
                   "check what is typed.",
                   "tutti schema > tutti.schema.json\n  then, as the first line of a session:\n"
                   "  # yaml-language-server: $schema=tutti.schema.json");
  if (!line.read(arguments)) return kDone;
  std::string schema = session_schema();
  if (!schema.ends_with('\n')) schema += '\n';
  print(schema);
  return kDone;
}

}  // namespace tutti::cli
