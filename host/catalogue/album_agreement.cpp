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

AlbumAgreement::Inputs AlbumAgreement::inputs_of(const std::string& album) const {
  Inputs inputs;
  for (const CatalogueItem* member : members_.at(album)) {
    const auto known = known_.find(member->id);
    if (known == known_.end()) return {};
    inputs.sha256.push_back(known->second.input_sha256);
  }
  inputs.hash = album_hash(inputs.sha256);
  return inputs;
}

bool AlbumAgreement::agrees(const CatalogueItem& item) const {
  const auto found = known_.find(item.id);
  if (found == known_.end()) return true;
  const Known& known = found->second;
  if (!albums_known_ && !known.in_album) return true;
  Inputs alone;
  const Inputs* inputs = &alone;
  if (item.album.empty()) {
    alone.sha256 = {known.input_sha256};
    alone.hash = album_hash(alone.sha256);
  } else {
    const auto [album, fresh] = inputs_.try_emplace(item.album);
    if (fresh) album->second = inputs_of(item.album);
    inputs = &album->second;
  }
  if (inputs->sha256.empty()) return false;
  const auto agreeing =
      std::count_if(known.outputs.begin(), known.outputs.end(), [&](const Output& output) {
        if (!output.album_inputs.empty()) return output.album_inputs == inputs->hash;
        return catalogue_key(key_input(known.input_sha256, inputs->sha256), *output.settings,
                             *output.sound_version) == output.key;
      });
  return agreeing >= std::min<std::ptrdiff_t>(known.deliveries, std::ssize(known.outputs));
}

bool AlbumAgreement::shares_a_gain(const CatalogueItem& item) const {
  if (item.album.empty()) return false;
  const auto known = known_.find(item.id);
  return albums_known_ || (known != known_.end() && known->second.in_album);
}

}  // namespace tutti
