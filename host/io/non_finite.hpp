// SPDX-License-Identifier: Apache-2.0
// What happens when a file holds NaN or infinity.
#pragma once

#include <string>

#include "host/io/decode.hpp"

namespace tutti::io {

/// Judges decoded floats of one file: refuses NaN and infinity with their place, or replaces them
/// by 0 and warns once.
class FiniteGuard {
 public:
  FiniteGuard(std::string path, double sample_rate_hz, bool allow, WarningSink warnings);

  /// Call when `block`, which starts at `first`, is known to hold a value that is not finite.
  /// Throws IoError "NaN at frame 1234 (0.0257 s) of channel 2" unless they are allowed.
  void handle(Frames first, BlockView block);

  /// As `handle`, but looks first.
  void check(Frames first, BlockView block);

 private:
  std::string path_;
  double sample_rate_hz_;
  bool allow_;
  bool warned_ = false;
  WarningSink warnings_;
};

}  // namespace tutti::io
