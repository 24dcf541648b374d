// SPDX-License-Identifier: Apache-2.0
// What ends a render, and the one place where warnings go.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace tutti {

/// Whose fault a file error is; decides the exit code.
enum class IoFault {
  input,     ///< missing, unreadable, damaged or unsupported input: exit 2
  output,    ///< the output can not be written (refused path, permission): exit 2
  exhausted  ///< disk full, out of descriptors or memory: exit 75, the same command goes on later
};

/// A file could not be read or written. `what()` is one line: path, cause, what to do.
class IoError : public std::runtime_error {
 public:
  IoError(std::string path, const std::string& cause, IoFault fault = IoFault::input)
      : std::runtime_error(path + ": " + cause), path_(std::move(path)), fault_(fault) {}
  const std::string& path() const { return path_; }
  IoFault fault() const { return fault_; }

 private:
  std::string path_;
  IoFault fault_;
};

/// A device or one of its calls failed: exit 3.
class DeviceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The device has not enough memory for this; less look-ahead or smaller tiles may do.
class DeviceMemoryError : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

/// The run was asked to stop (signal); nothing half-written is left behind.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("stopped") {}
};

/// Something worth saying that does not end the run. `code` is a stable snake_case word.
struct Warning {
  std::string code;
  std::string message;
  std::string path;
};

/// Receives warnings; may be called from any thread, one call at a time is the caller's duty.
using WarningSink = std::function<void(const Warning&)>;

}  // namespace tutti
