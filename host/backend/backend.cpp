// SPDX-License-Identifier: Apache-2.0
#include "host/backend/backend.hpp"

#include <charconv>

#include "host/audio/errors.hpp"
#include "host/backend/cuda_library.hpp"

namespace tutti {
int cuda_ordinal(const std::string& device) {
  if (device == "cuda") return 0;
  int ordinal = -1;
  if (device.starts_with("cuda:"))
    std::from_chars(device.data() + 5, device.data() + device.size(), ordinal);
  return ordinal;
}

OpenedBackend open_backend(const std::string& device) {
  if (device == "cpu") return {open_cpu_backend(), ""};
  if (const int ordinal = cuda_ordinal(device); ordinal >= 0) return {open_cuda(ordinal), ""};
  if (device != "auto") throw DeviceError(device + ": no such device; use auto, cpu or cuda[:N]");
  try {
    return {open_cuda(0), ""};
  } catch (const DeviceError& problem) {
    return {open_cpu_backend(), problem.what()};
  }
}

}  // namespace tutti
