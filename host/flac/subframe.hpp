// SPDX-License-Identifier: Apache-2.0
// One channel of a frame [RFC 9639, 9.2]: as a constant, as it is, or as what a predictor leaves.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "host/flac/bit_writer.hpp"
#include "host/flac/predictor.hpp"
#include "host/flac/rice.hpp"

namespace tutti::flac {

/// What the subframes of a block share while they are analysed.
struct Workspace {
  /// For blocks of up to so many frames.
  explicit Workspace(int most_frames);
  /// The window of a block of that length.
  void fit(int frames);

  std::vector<double> window;
  int window_frames = 0;
  double window_energy = 0;
  std::vector<std::int64_t> windowed;
};

/// Finds the form of a subframe that takes the fewest bits; writes it if it is wanted.
class Subframe {
 public:
  explicit Subframe(int most_frames);

  /// Of `frames` samples of `sample_bits`. Returns the bits that they take, within half a bit a
  /// frame. `in` is read until `write`.
  std::uint64_t analyse(const std::int32_t* in, int frames, int sample_bits, Workspace& workspace);

  void write(BitWriter& out) const;

 private:
  enum class Form { constant, verbatim, predicted };
  struct Prediction {
    Predictor predictor;
    RicePlan plan;
    std::uint64_t bits = 0;  ///< with the predictor's own
  };

  std::optional<Predictor> linear_predictor(std::uint32_t magnitudes, Workspace& workspace) const;
  std::optional<Prediction> try_predictor(const Predictor& predictor,
                                          std::vector<std::int32_t>& residual) const;
  bool predict_best(std::uint32_t magnitudes, Workspace& workspace);
  void write_predicted(BitWriter& out) const;
  const double* samples() const;

  const std::int32_t* in_ = nullptr;
  int frames_ = 0;
  int wasted_bits_ = 0;  ///< zero in all samples, and left out
  int bits_ = 0;         ///< of a sample without them
  Form form_ = Form::constant;
  Prediction best_;
  std::vector<double> samples_;  ///< without the wasted bits, zeros around
  std::vector<std::int32_t> residual_, other_residual_;
};

}  // namespace tutti::flac
