// SPDX-License-Identifier: Apache-2.0
// Whether an output that exists is already what a render would write.
#pragma once

#include <string>
#include <vector>

#include "host/engine/deliveries.hpp"

namespace tutti {

/// A small record beside the outputs (`.tutti-render.json`) tells for each of them from what it was
/// made: the session without title, comments and other outputs, options, every input's path, size and
/// time of change, version of the sound; and what came of it.
class UpToDate {
 public:
  UpToDate(const Session& session, const RenderOptions& options,
           const std::vector<Delivery>& deliveries);

  /// Moves deliveries whose file is up to date to `finished`. Throws IoError (IoFault::output) for the
  /// first file that exists, is something else and may not be overwritten: nothing is written then.
  void take_finished(std::vector<Delivery>& deliveries, std::vector<RenderedOutput>& finished);

  /// Writes the records of what was just rendered. A folder that can not be written is no error.
  void remember(const std::vector<RenderedOutput>& outputs, double duration_s) const;

  /// Duration of the programme that finished outputs were made from; none: not known.
  std::optional<double> finished_duration_s() const { return finished_duration_s_; }

 private:
  std::string key_of(const std::string& file) const;

  std::string inputs_;  ///< everything that all outputs depend on
  std::optional<double> finished_duration_s_;
  std::vector<std::pair<std::string, std::string>> settings_;  ///< file → its own settings
  bool overwrite_, digests_;
};

}  // namespace tutti
