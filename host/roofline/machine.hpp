// SPDX-License-Identifier: Apache-2.0
// What a device can do at most, as its maker states it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tutti::roofline {

/// Peak rates of one device and of its bus. Data sheets count a fused multiply-add as two
/// operations; so do float_flops and double_flops.
struct Machine {
  std::string name;
  double memory_bytes = 0;
  double memory_bytes_per_s = 0;
  double upload_bytes_per_s = 0;    ///< host to device, pinned
  double download_bytes_per_s = 0;  ///< at the same time
  double float_flops = 0, double_flops = 0;
  double integer_ops = 0;  ///< 32 bits, one an instruction
  double multiprocessors = 0;
  double clock_hz = 0;
  std::map<std::string, std::string> sources;  ///< by field: where the figure is from
};

/// Names of the machines that are known: "h100", "h200".
std::vector<std::string> machine_names();

/// A known machine by name, or one from a JSON file: {"base": "h200", "upload_bytes_per_s": 24e9,
/// …}, where fields replace those of `base` (h200 where it is not given), and "sources" those of
/// the fields. Throws IoError with one clause: no such file, an unknown field, a figure that is
/// none.
Machine machine_of(const std::string& name_or_file);

}  // namespace tutti::roofline
