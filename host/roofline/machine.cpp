// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/machine.hpp"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/audio/errors.hpp"

namespace tutti::roofline {
namespace {

using nlohmann::json;

struct Field {
  const char* name;
  double Machine::*value;
};
constexpr Field kFields[] = {{"memory_bytes", &Machine::memory_bytes},
                             {"memory_bytes_per_s", &Machine::memory_bytes_per_s},
                             {"upload_bytes_per_s", &Machine::upload_bytes_per_s},
                             {"download_bytes_per_s", &Machine::download_bytes_per_s},
                             {"float_flops", &Machine::float_flops},
                             {"double_flops", &Machine::double_flops},
                             {"integer_ops", &Machine::integer_ops},
                             {"multiprocessors", &Machine::multiprocessors},
                             {"clock_hz", &Machine::clock_hz}};

Machine hopper(const std::string& name, const std::string& sheet, double memory_bytes,
               double memory_bytes_per_s) {
  const std::string whitepaper = "NVIDIA H100 Tensor Core GPU Architecture (white paper), SXM5";
  const std::string bus = "PCIe 5.0 x16, about 80 % of 63 GB/s as copies reach it; to be measured";
  return {name,
          memory_bytes,
          memory_bytes_per_s,
          50e9,
          50e9,
          67e12,
          34e12,
          132 * 64 * 1.98e9,
          132,
          1.98e9,
          {{"memory_bytes", sheet},
           {"memory_bytes_per_s", sheet},
           {"upload_bytes_per_s", bus},
           {"download_bytes_per_s", bus},
           {"float_flops", sheet},
           {"double_flops", sheet + ", without tensor cores"},
           {"integer_ops", whitepaper + ": 64 lanes a multiprocessor"},
           {"multiprocessors", whitepaper},
           {"clock_hz", "float_flops / (132 multiprocessors x 128 lanes x 2)"}}};
}

Machine known_machine(const std::string& name) {
  if (name == "h100") return hopper("NVIDIA H100 SXM", "NVIDIA H100 data sheet", 80e9, 3.35e12);
  if (name == "h200") return hopper("NVIDIA H200 SXM", "NVIDIA H200 data sheet", 141e9, 4.8e12);
  return {};
}

double Machine::*field_of(const std::string& name) {
  for (const Field& field : kFields)
    if (name == field.name) return field.value;
  return nullptr;
}

Machine read(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw IoError(file, "names no machine (h100, h200) and can not be read");
  const json document = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) throw IoError(file, "is no JSON object");
  Machine machine = known_machine("h200");
  if (const auto base = document.find("base"); base != document.end()) {
    machine = base->is_string() ? known_machine(base->get<std::string>()) : Machine{};
    if (machine.name.empty()) throw IoError(file, "\"base\" names no machine: h100 or h200");
  }
  for (const auto& [key, value] : document.items()) {
    if (key == "base" || key == "sources") continue;
    if (key == "name" && value.is_string()) {
      machine.name = value.get<std::string>();
      continue;
    }
    double Machine::*const field = field_of(key);
    if (!field) throw IoError(file, "\"" + key + "\" is no field of a machine");
    if (!value.is_number() || !(value.get<double>() > 0) || !std::isfinite(value.get<double>()))
      throw IoError(file, "\"" + key + "\" is no positive number");
    machine.*field = value.get<double>();
    machine.sources[key] = file;
  }
  if (const auto sources = document.find("sources");
      sources != document.end() && sources->is_object())
    for (const auto& [key, value] : sources->items())
      if (value.is_string()) machine.sources[key] = value.get<std::string>();
  return machine;
}

}  // namespace

std::vector<std::string> machine_names() { return {"h100", "h200"}; }

Machine machine_of(const std::string& name_or_file) {
  Machine machine = known_machine(name_or_file);
  return machine.name.empty() ? read(name_or_file) : machine;
}

}  // namespace tutti::roofline
