// SPDX-License-Identifier: Apache-2.0
// What a remastered file is stored as where nobody says: as its input, as far as the container can.
#pragma once

#include <filesystem>
#include <string>

#include "host/io/decode.hpp"
#include "host/session/model.hpp"

namespace tutti {

/// Fills in the word length and the sample rate that `output` leaves open, for a file of this name
/// made of such an input: `mirrors` says that its word length is the input's, else it is 24 bit. Float
/// input is stored as 24 bit in FLAC; CD rates become 48 kHz in Opus, high rates 44.1 or 48 kHz in MP3.
/// Returns why the container can not hold it all the same (a short clause), or "".
std::string fit_to_container(OutputSpec& output, const std::filesystem::path& file, const AudioInfo& input,
                      bool mirrors);

}  // namespace tutti
