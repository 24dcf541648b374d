// SPDX-License-Identifier: Apache-2.0
// The outputs of a job as a package for an archive: BagIt 1.0 [RFC 8493].
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace tutti {

struct BagOptions {
  std::string description;                  ///< External-Description in bag-info.txt; may be empty
  std::string software;                     ///< Bag-Software-Agent
  const std::atomic<bool>* stop = nullptr;  ///< set: Cancelled is thrown
};

struct BagContent {
  std::uint64_t bytes = 0;  ///< of the payload: Payload-Oxum is bytes.files
  std::uint64_t files = 0;
};

/// Copies every output that has a sidecar, and its sidecar, into bag/data, and writes bagit.txt,
/// bag-info.txt, manifest-sha256.txt and tagmanifest-sha256.txt. Each output is hashed on the way
/// and has to be what its sidecar says. The bag appears whole, by rename, or not at all. It holds
/// no date: the same outputs give the same bag. Throws CatalogueError (an output is missing or
/// changed, nothing to pack, names that are not UTF-8), IoError (the bag exists already, disk
/// full).
BagContent write_bag(const std::filesystem::path& out, const std::filesystem::path& bag,
                     const BagOptions& options);

/// A path as a bag's manifest writes it: CR, LF and % percent-encoded, nothing else
/// (section 2.1.3).
std::string bag_path(const std::string& path);

}  // namespace tutti
