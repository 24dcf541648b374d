// SPDX-License-Identifier: Apache-2.0
// Whose fault it is that a file can not be opened or read.
#pragma once

#include <cerrno>

#include "host/audio/errors.hpp"

namespace tutti::io {

/// A full table of descriptors and a file server or disk that did not answer say nothing about the
/// file: the same command may read it later.
inline IoFault read_fault(int error) {
  const bool passes = error == EMFILE || error == ENFILE || error == ENOMEM || error == EIO ||
                      error == ESTALE || error == ETIMEDOUT;
  return passes ? IoFault::exhausted : IoFault::input;
}

}  // namespace tutti::io
