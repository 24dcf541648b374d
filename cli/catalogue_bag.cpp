// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/bag.hpp"

#include <fmt/format.h>

#include "cli/catalogue.hpp"
#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti::cli {

int run_catalogue_bag(const Arguments& arguments) {
  CommandLine line("catalogue bag",
                   "Pack the outputs of a job and their sidecars for an archive, as a BagIt 1.0 "
                   "folder with checksums of everything. Each output is checked on the way.",
                   "tutti catalogue bag -o out --bag music-bag\n  copies them into music-bag/data; "
                   "check it with a BagIt validator, or, where no name holds a % or a "
                   "line break: cd music-bag && sha256sum -c manifest-sha256.txt");
  std::string out, bag;
  BagOptions options;
  bool quiet = false;
  add_out_option(line, out);
  line.add_option("--bag", bag, "The folder to make")->type_name("DIR");
  line.add_option("--description", options.description, "A line about it, for bag-info.txt")
      ->option_text("TEXT");
  line.add_flag("-q,--quiet", quiet, "Print errors only");
  if (!line.read(arguments)) return kDone;
  require_option(out, "bag", "-o DIR");
  require_option(bag, "bag", "--bag DIR");
  options.software = program_version();
  options.stop = &stop_flag();
  const BagContent content = write_bag(out, bag, options);
  if (!quiet)
    print(fmt::format("{}: {} files, {}\n", printable(bag), content.files,
                      format_bytes(content.bytes)));
  return kDone;
}

}  // namespace tutti::cli
