// SPDX-License-Identifier: Apache-2.0
#include "host/backend/backend.hpp"

#include "host/audio/errors.hpp"

namespace tutti {

std::unique_ptr<Backend> open_backend(const std::string& device) {
  if (device == "auto" || device == "cpu") return open_cpu_backend();
  if (device.rfind("cuda", 0) == 0)
    throw DeviceError(device + ": this build has no CUDA backend; use --device cpu");
  throw DeviceError(device + ": no such device; use auto, cpu or cuda");
}

}  // namespace tutti
