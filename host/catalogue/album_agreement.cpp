// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/album_agreement.hpp"

#include <algorithm>

namespace tutti {

AlbumAgreement::AlbumAgreement(const Manifest& manifest, bool albums_known)
    : albums_known_(albums_known) {
  for (const CatalogueItem& item : manifest.items) {
    if (item.album.empty()) continue;
    members_[item.album].push_back(&item);
    ids_.insert(item.id);
  }
}

void AlbumAgreement::add(const std::string& id, const Sidecar& sidecar,
                         const std::string& settings, std::filesystem::file_time_type written,
                         int deliveries) {
  if (sidecar.album.empty() && ids_.count(id) == 0) return;
  Known& known = known_[id];
  known.outputs.push_back({sidecar.key, sidecar.album_inputs, &*texts_.insert(settings).first,
                           &*texts_.insert(sidecar.sound_version).first});
  known.deliveries = std::max(known.deliveries, deliveries);
  known.in_album |= !sidecar.album.empty();
  if (written < known.written) return;
  known.written = written;
  known.input_sha256 = sidecar.input.sha256;
}

bool AlbumAgreement::agrees(const CatalogueItem& item) const {
  const auto found = known_.find(item.id);
  if (found == known_.end()) return true;
  const Known& known = found->second;
  if (!albums_known_ && !known.in_album) return true;
  std::vector<std::string> inputs;
  if (!item.album.empty())
    for (const CatalogueItem* member : members_.at(item.album)) {
      const auto other = known_.find(member->id);
      if (other == known_.end()) return false;
      inputs.push_back(other->second.input_sha256);
    }
  else
    inputs.push_back(known.input_sha256);  // as an album of its own
  const std::string input = key_input(known.input_sha256, inputs), album = album_hash(inputs);
  const auto agreeing =
      std::count_if(known.outputs.begin(), known.outputs.end(), [&](const Output& output) {
        if (!output.album_inputs.empty()) return output.album_inputs == album;
        return catalogue_key(input, *output.settings, *output.sound_version) == output.key;
      });
  return agreeing >= std::min<std::ptrdiff_t>(known.deliveries, std::ssize(known.outputs));
}

bool AlbumAgreement::shares_a_gain(const CatalogueItem& item) const {
  if (item.album.empty()) return false;
  const auto known = known_.find(item.id);
  return albums_known_ || (known != known_.end() && known->second.in_album);
}

}  // namespace tutti
