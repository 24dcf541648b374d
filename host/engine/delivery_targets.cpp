// SPDX-License-Identifier: Apache-2.0
#include "host/engine/delivery_targets.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "host/audio/errors.hpp"
#include "host/io/file_identity.hpp"
#include "host/io/write_fault.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const std::string& action, int error) {
  throw IoError(file.string(), action + ": " + std::strerror(error), io::write_fault(error));
}

/// A rename would put a file in the place of whatever stands there, even of a device.
void refuse_other_kinds(const WriteSpec& write) {
  std::error_code error;
  const fs::file_status target = fs::status(write.path, error);
  if (fs::is_directory(target))
    throw IoError(write.path.string(), "is a folder; name a file", IoFault::output);
  if (fs::exists(target) && !fs::is_regular_file(target))
    throw IoError(write.path.string(), "is no regular file; name another", IoFault::output);
  if (!write.overwrite && fs::exists(fs::symlink_status(write.path, error)))
    throw IoError(write.path.string(), "exists already; give --overwrite to replace it",
                  IoFault::output);
}

void refuse_inputs(const std::vector<Delivery>& deliveries, const std::vector<InputFile>& inputs) {
  std::set<io::FileIdentity> known;
  for (const InputFile& input : inputs)
    if (const auto identity = io::file_identity(input.path)) known.insert(*identity);
  for (const Delivery& delivery : deliveries) {
    const auto identity = io::file_identity(delivery.write.path);
    if (identity && known.count(*identity) != 0)
      throw IoError(delivery.write.path.string(),
                    "is an input of this session; an input is never overwritten: choose another name "
                    "or folder",
                    IoFault::output);
  }
}

}  // namespace

DeliveryTargets::DeliveryTargets(const std::vector<Delivery>& deliveries,
                                 const std::vector<InputFile>& inputs) {
  refuse_inputs(deliveries, inputs);
  for (const Delivery& delivery : deliveries) refuse_other_kinds(delivery.write);
  for (const Delivery& delivery : deliveries)
    if (folders_.insert(delivery.write.path.parent_path()).second)
      prepare_folder(delivery.write.path);
}

void DeliveryTargets::prepare_folder(const fs::path& file) {
  const fs::path folder = file.parent_path();
  if (const int error = created_.create(folder); error != 0)
    fail(file, "its folder cannot be created", error);
  // Permissions, read-only mounts and quotas have many rules: only trying tells.
  const fs::path trial = folder / io::temporary_name();
  const int descriptor = ::open(trial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(file, "cannot be written there", errno);
  ::close(descriptor);
  ::unlink(trial.c_str());
  io::remove_abandoned_temporaries(folder);
}

}  // namespace tutti
