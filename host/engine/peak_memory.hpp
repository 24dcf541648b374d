// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tutti {

/// The most memory that this process has had resident so far; 0: the system does not say.
std::uint64_t peak_memory_bytes();

}  // namespace tutti
