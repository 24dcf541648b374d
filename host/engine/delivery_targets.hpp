// SPDX-License-Identifier: Apache-2.0
// The places that a render will write to, made sure of before it computes anything.
#pragma once

#include <filesystem>
#include <set>
#include <vector>

#include "host/engine/deliveries.hpp"
#include "host/engine/inputs.hpp"
#include "host/io/temporaries.hpp"

namespace tutti {

/// Creates the folders of all deliveries and finds out whether each file can come to stand there.
/// Destroyed: folders that were created and hold nothing are removed, so a run that fails or is
/// stopped leaves none.
class DeliveryTargets {
 public:
  /// Throws IoError for the first file that can not be written: a folder stands there or something
  /// that is no file, its folder can not be created or written, it exists and may not be replaced.
  /// What a killed run left in the folders is removed.
  /// `inputs`: files that are read and so never written, whatever path leads to them.
  DeliveryTargets(const std::vector<Delivery>& deliveries, const std::vector<InputFile>& inputs);

 private:
  void prepare_folder(const std::filesystem::path& file);

  io::CreatedFolders created_;
  std::set<std::filesystem::path> folders_;
};

}  // namespace tutti
