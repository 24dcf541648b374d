// SPDX-License-Identifier: Apache-2.0
// One finished file on its way through a chain: read, measured, worked on; then ready to be written.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/audio/channel_layout.hpp"
#include "host/engine/master.hpp"
#include "host/engine/remaster.hpp"
#include "host/io/temporaries.hpp"

namespace tutti {

class RemasterTrack {
 public:
  /// Opens the file and decides what is written of it. `share`: of the memory for kept signals, one
  /// part in so many. All references outlive this. Throws IoError, SessionError.
  RemasterTrack(Backend& backend, const Session& chain, const RemasterInput& input,
                const RemasterOptions& options, std::uint64_t share);

  /// The signal before trim, loudness and limiter; the file is measured on the way. Throws IoError:
  /// what is damaged, cut or absurdly loud, unless it is asked for.
  void read();
  MasterTrack to_master();
  RemasteredTrack finish(std::vector<RenderedOutput> outputs);

 private:
  WarningSink warnings();
  void refuse_damage() const;
  void refuse_absurd_levels() const;
  void read_metadata_of(const std::filesystem::path& file);
  Session session_for(const Session& chain, const std::optional<ChannelLayout>& layout) const;
  void find_deliveries(std::uint32_t wave_mask);
  LongBuffer decoded();
  LongBuffer mixed();
  std::unique_ptr<MeterRunner> new_meter() const;
  LongSignalPlace place() const;
  /// The tracks of an album have the threads for themselves.
  bool reads_ahead() const { return options_.read_ahead && share_ == 1; }

  std::shared_ptr<Backend> backend_;  ///< on loan; outlives what is made on it
  const RemasterInput& input_;
  const RemasterOptions& options_;
  std::uint64_t share_;
  std::unique_ptr<AudioReader> reader_;
  RemasteredTrack result_;
  std::shared_ptr<const Metadata> metadata_;
  Session session_;
  std::vector<double> weights_;
  std::vector<Delivery> deliveries_;
  io::CreatedFolders created_;  ///< outlives what is written there
  Buffer host_;
  std::optional<LongBuffer> signal_;
  std::optional<MeterReadings> plain_;
  std::string damage_;  ///< what a reader said of it; empty: none
  std::set<std::string> damages_;  ///< all that were told
};

}  // namespace tutti
