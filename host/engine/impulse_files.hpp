// SPDX-License-Identifier: Apache-2.0
// The impulse responses of a session, read side by side.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/graph/graph.hpp"
#include "host/io/decode.hpp"

namespace tutti {

/// An impulse response that is still to be read, and what became of it.
struct UnreadImpulse {
  std::string file;   ///< as the session names it
  std::string place;  ///< where it does so first
  std::filesystem::path path;
  std::shared_ptr<const Impulse> read;  ///< null: there is a problem
  std::string problem;
  std::vector<Warning> warnings;
};

/// Opens a file and converts it to a rate where it has another.
std::unique_ptr<AudioReader> open_at_rate(const std::filesystem::path& path, double sample_rate_hz,
                                          const WarningSink& warnings, const DecodeOptions& decoding);

/// Fills `read`, or `problem`, of every one. Hundreds of them would take longer one after the other than
/// their mix.
void read_side_by_side(std::span<UnreadImpulse> impulses, double sample_rate_hz,
                       const DecodeOptions& decoding);

}  // namespace tutti
