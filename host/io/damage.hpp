// SPDX-License-Identifier: Apache-2.0
// Which warnings of a reader say that its file is not whole.
#pragma once

#include "host/audio/errors.hpp"

namespace tutti {

/// Cut, damaged inside, or other audio than its own checksum names: read as far as it goes, and
/// less than what somebody once recorded.
inline bool tells_damage(const Warning& warning) {
  return warning.code == "truncated" || warning.code == "damaged" ||
         warning.code == "checksum_mismatch";
}

}  // namespace tutti
