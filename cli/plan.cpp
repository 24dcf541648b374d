// SPDX-License-Identifier: Apache-2.0
#include "cli/load_session.hpp"
#include "cli/output.hpp"
#include "cli/render_arguments.hpp"
#include "host/roofline/machine.hpp"

namespace tutti::cli {

int run_plan(const Arguments& arguments) {
  CommandLine line(
      "plan", "Show what a render would do, without writing audio.",
      "tutti plan mix.yaml\n  prints the compiled graph, what was folded into what, FFT "
      "sizes, latencies, memory and an estimate of the time");
  RenderArguments render(line);
  JsonOption json(line);
  std::string machine_name;
  line.add_option(
          "--roofline", machine_name,
          "With --device cuda, the machine whose limits the prediction is for: h100, h200 (the "
          "default), or a JSON file of its figures")
      ->type_name("NAME|FILE");
  bool quiet = false;
  line.add_flag("-q,--quiet", quiet, "Print no warnings");
  if (!line.read(arguments)) return kDone;
  json.give_back(render.session_path);
  if (render.session_path.empty()) throw UsageError("no session given: tutti plan SESSION");
  check_document_path(json.path(), DocumentKind::json, {&render.session_path, 1});

  const roofline::Machine machine =
      roofline::machine_of(machine_name.empty() ? "h200" : machine_name);
  const ParseResult parsed = require_session(render.session_path, quiet);
  const RenderOptions options = render.options(parsed.session);
  if (!machine_name.empty() && !options.device.starts_with("cuda"))
    throw UsageError("--roofline is about a CUDA device: give --device cuda with it");
  const PlanDescription plan = describe_plan(parsed.session, options, machine);
  if (!json.on_standard_output()) print(plan.text.ends_with('\n') ? plan.text : plan.text + "\n");
  write_document(json.path(), DocumentKind::json,
                 plan.json.ends_with('\n') ? plan.json : plan.json + "\n");
  return kDone;
}

}  // namespace tutti::cli
