// SPDX-License-Identifier: Apache-2.0
#include "host/engine/master.hpp"

#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "host/engine/for_each_track.hpp"
#include "host/engine/host_meter.hpp"

namespace tutti {
namespace {

/// A track at a group's rate.
struct TrackAtRate {
  std::optional<LongBuffer> edited;
  std::unique_ptr<MasterSignal> signal;

  TrackAtRate(const MasterTrack& track, const Delivery& like) {
    const double rate_hz = like.write.sample_rate_hz;
    if (!track.edit.changes(track.signal) && rate_hz == track.sample_rate_hz) {
      signal = std::make_unique<MasterSignal>(track.context, like, track.signal);
      if (track.plain) signal->know_plain(*track.plain);
      return;
    }
    std::optional<HostMeter> meter;
    if (!track.context.backend.has_own_memory())  // a device is fed longer blocks later
      meter.emplace(track.context.backend, rate_hz, track.context.loudness_weights);
    edited.emplace(edited_at_rate(track.context.place, track.signal, track.sample_rate_hz,
                                  track.edit, rate_hz, [&](ConstBlockView block) {
                                    if (meter) meter->take(block);
                                  }));
    signal = std::make_unique<MasterSignal>(track.context, like, *edited);
    if (meter) signal->know_plain(meter->readings());
  }
};

void deliver(const std::vector<MasterTrack>& tracks, const DeliveryGroup& group,
             AlbumLoudness album, std::vector<std::vector<RenderedOutput>>& outputs) {
  std::vector<std::unique_ptr<TrackAtRate>> ready(tracks.size());
  std::vector<MasterSignal*> signals(tracks.size());
  for_each_track(tracks.size(), [&](std::size_t t) {
    ready[t] = std::make_unique<TrackAtRate>(tracks[t], tracks[t].deliveries[group[0]]);
    signals[t] = ready[t]->signal.get();
  });
  std::vector<const Delivery*> deliveries;
  for (const MasterTrack& track : tracks)
    for (const std::size_t i : group) deliveries.push_back(&track.deliveries[i]);
  const double gain_db = find_master_gain_db(tracks[0].context, signals, deliveries, album);
  for_each_track(tracks.size(), [&](std::size_t t) {
    std::vector<std::size_t> exact;
    std::vector<const Delivery*> members;
    for (const std::size_t i : group) {
      const Delivery& delivery = tracks[t].deliveries[i];
      if (is_lossy(delivery.write.path)) {
        outputs[t][i] = signals[t]->write_lossy(gain_db, delivery, tracks.size() == 1);
        continue;
      }
      exact.push_back(i);
      members.push_back(&delivery);
    }
    if (exact.empty()) return;
    std::vector<RenderedOutput> written = signals[t]->write(gain_db, members);
    for (std::size_t i = 0; i < exact.size(); ++i) outputs[t][exact[i]] = std::move(written[i]);
  });
}

}  // namespace

std::vector<DeliveryGroup> delivery_groups(std::span<const std::span<const Delivery>> tracks) {
  using Key = std::tuple<std::vector<double>, double, double>;
  std::map<Key, DeliveryGroup> groups;
  for (std::size_t i = 0; i < tracks[0].size(); ++i) {
    const Delivery& delivery = tracks[0][i];
    std::vector<double> rates_hz;
    for (const std::span<const Delivery> track : tracks)
      rates_hz.push_back(track[i].write.sample_rate_hz);
    groups[{std::move(rates_hz), delivery.loudness ? delivery.loudness->target_lufs : 1e9,
            delivery.limiter ? delivery.limiter->ceiling_dbtp : 1e9}]
        .push_back(i);
  }
  std::vector<DeliveryGroup> result;
  for (auto& [key, members] : groups) result.push_back(std::move(members));
  return result;
}

std::vector<std::vector<RenderedOutput>> deliver_masters(const std::vector<MasterTrack>& tracks,
                                                         AlbumLoudness album) {
  std::vector<std::vector<RenderedOutput>> outputs;
  for (const MasterTrack& track : tracks) outputs.emplace_back(track.deliveries.size());
  if (tracks.empty()) return outputs;
  std::vector<std::span<const Delivery>> deliveries;
  for (const MasterTrack& track : tracks) deliveries.emplace_back(track.deliveries);
  for (const DeliveryGroup& group : delivery_groups(deliveries))
    deliver(tracks, group, album, outputs);
  return outputs;
}

}  // namespace tutti
