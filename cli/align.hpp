// SPDX-License-Identifier: Apache-2.0
// How far one recording is from another of the same sound.
#pragma once

#include <optional>

#include "host/io/decode.hpp"

namespace tutti::cli {

/// The offset by which `b` comes after `a` (negative: before), searched over ±10 s, such that b is
/// most nearly a scaled copy of a; level and polarity do not matter. Decided on the loudest part of
/// `a`, up to 2^20 frames. Both have the same rate and channels. None: nothing in common there
/// (normalised correlation below 0.1), or silence.
std::optional<Frames> find_offset(AudioReader& a, AudioReader& b);

}  // namespace tutti::cli
