// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "host/backend/backend.hpp"

namespace tutti::cuda {

/// The backend of device `ordinal`. Throws DeviceError.
std::unique_ptr<Backend> open_cuda_backend(int ordinal);

}  // namespace tutti::cuda
