// SPDX-License-Identifier: Apache-2.0
// One channel of a frame [RFC 9639, 9.2], up to where its predictor is undone.
#pragma once

#include "host/flac/bit_reader.hpp"
#include "host/flac/restore.hpp"

namespace tutti::flac {

/// Reads a subframe of `frames` samples of `sample_bits` into `lane.samples`, and what `restore`
/// has to know into `lane`. Returns the lowest bits that all samples lack; -1 if it can not be so.
/// Ending early is the reader's to tell.
int read_subframe(BitReader& in, int frames, int sample_bits, RestoreLane& lane);

}  // namespace tutti::flac
