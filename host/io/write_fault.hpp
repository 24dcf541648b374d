// SPDX-License-Identifier: Apache-2.0
// Whose fault it is that a file can not be made or written.
#pragma once

#include <cerrno>

#include "host/audio/errors.hpp"

namespace tutti::io {

/// A full disk, a quota, a limit on the size of files (`ulimit -f`), full tables of descriptors:
/// the same command goes on once there is room.
inline IoFault write_fault(int error) {
  const bool passes = error == ENOSPC || error == EDQUOT || error == EFBIG || error == EMFILE ||
                      error == ENFILE || error == ENOMEM;
  return passes ? IoFault::exhausted : IoFault::output;
}

}  // namespace tutti::io
