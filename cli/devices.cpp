// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <hwy/detect_targets.h>
#include <hwy/targets.h>
#include <sched.h>
#include <unistd.h>

#include <fstream>

#include "cli/command_line.hpp"
#include "cli/output.hpp"
#include "host/backend/cuda_library.hpp"
#include "host/report/json_values.hpp"
#include "host/report/text_table.hpp"

namespace tutti::cli {
namespace {

struct CpuDescription {
  std::string model = "unknown";
  int cores = 1;  ///< that this process may run on
  std::string simd;
  std::uint64_t memory_bytes = 0;
};

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string row; std::getline(info, row);) {
    const std::size_t colon = row.find(": ");
    if (colon != std::string::npos && row.rfind("model name", 0) == 0) return row.substr(colon + 2);
  }
  return "unknown";
}

int usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
}

// The best vector target that both this machine and the compiled code have; in Highway the lower
// bit is the better target.
std::string simd_target() {
  const std::int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(usable & -usable);
}

CpuDescription describe_cpu() {
  const auto pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES));
  const auto page_bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return {cpu_model(), usable_cores(), simd_target(), pages * page_bytes};
}

}  // namespace

int run_devices(const Arguments& arguments) {
  CommandLine line("devices",
                   "The devices that --device can name, and why another can not be used.",
                   "tutti devices\n  shows the processor, its cores and vector units, and whether "
                   "CUDA can be used");
  JsonOption json(line);
  if (!line.read(arguments)) return kDone;
  check_document_path(json.path(), DocumentKind::json, {});
  const CpuDescription cpu = describe_cpu();
  const CudaStatus cuda = cuda_status();
  if (!json.on_standard_output()) {
    print(fmt::format("cpu: {}, {} core{}, {} vectors, {} memory\n", printable(cpu.model), cpu.cores,
                      cpu.cores == 1 ? "" : "s", cpu.simd, format_bytes(cpu.memory_bytes)));
    for (const CudaDevice& device : cuda.devices)
      print(fmt::format("cuda:{}: {}, compute capability {}.{}, {} memory\n", device.ordinal,
                        printable(device.model), device.compute_major, device.compute_minor,
                        format_bytes(device.memory_bytes)));
    if (cuda.devices.empty()) print("cuda: not available: " + printable(cuda.reason) + "\n");
  }
  nlohmann::ordered_json document;
  document["devices"] = {{{"device", "cpu"},
                          {"available", true},
                          {"model", json_text(cpu.model)},
                          {"cores", cpu.cores},
                          {"simd", cpu.simd},
                          {"memory_bytes", cpu.memory_bytes},
                          {"reason", nullptr}}};
  for (const CudaDevice& device : cuda.devices)
    document["devices"].push_back(
        {{"device", fmt::format("cuda:{}", device.ordinal)},
         {"available", true},
         {"model", json_text(device.model)},
         {"compute_capability",
          fmt::format("{}.{}", device.compute_major, device.compute_minor)},
         {"memory_bytes", device.memory_bytes},
         {"reason", nullptr}});
  if (cuda.devices.empty())
    document["devices"].push_back(
        {{"device", "cuda"}, {"available", false}, {"reason", json_text(cuda.reason)}});
  write_document(json.path(), DocumentKind::json, json_document(document));
  return kDone;
}

}  // namespace tutti::cli
