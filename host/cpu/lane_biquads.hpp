// SPDX-License-Identifier: Apache-2.0
// Second-order sections in series, one cascade per lane.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/cpu/lane_unit.hpp"

namespace tutti {

/// Cascades side by side; shorter ones are padded with sections that pass everything. Within a
/// group of the BiquadTable the signal behind a section is kept multiplied by all b0 that follow:
/// one product for all of them, before the first.
class LaneCascade {
 public:
  explicit LaneCascade(int sections) { reserve(sections); }

  /// Sections of one lane; state kept. More sections than before make room for themselves.
  void set(int lane, std::span<const BiquadDesign> sections);

  /// `in` and `out` may be the same.
  void run(const LaneRows& in, LaneRows& out, int lanes, int frames);
  bool quiet() const;
  void reset();

 private:
  void reserve(int sections);
  void write(int lane);
  void rescale(int section, int lane, double scale);

  int sections_ = 0;
  int lanes_ = 0;  ///< in use: those up to the highest that was ever set
  bool begins_with_high_pass_ = false;
  std::vector<std::array<BiquadDesign, kLanes>> designs_;  ///< [section][lane]
  std::vector<std::array<double, kLanes>> scales_;         ///< of the states, [section][lane]
  AlignedArray<double> coefficients_;                      ///< as BiquadTable
  AlignedArray<double> states_;
};

class LaneBiquads final : public LaneUnit {
 public:
  LaneBiquads(const LaneShape& shape, const LaneOp& op);

  void set(int strip, std::span<const BiquadDesign> sections);
  void run(LaneWork& work, int frames) override;
  bool quiet() const override { return cascade_.quiet(); }
  void reset() override { cascade_.reset(); }

 private:
  LaneShape shape_;
  LaneCascade cascade_;
  LaneColumn<float> mix_;
  bool mixes_ = false;
};

}  // namespace tutti
