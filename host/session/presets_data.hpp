// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tutti {

/// The text of data/presets.yaml at the time of the build.
extern const char* const kBuiltInPresets;

}  // namespace tutti
