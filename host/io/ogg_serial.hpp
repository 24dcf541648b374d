// SPDX-License-Identifier: Apache-2.0
// Ogg streams get a random serial number; a render must give the same bytes every time.
#pragma once

#include <cstdint>

#include "host/io/output_file.hpp"

namespace tutti::io {

/// Gives every page of the Ogg file the serial number and renews the checksums [RFC 3533, section
/// 6].
void set_ogg_serial(OutputFile& file, std::uint32_t serial);

}  // namespace tutti::io
