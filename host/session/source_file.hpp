// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace tutti {

/// The text of a session or preset file. Throws IoError when it can not be read or is larger than
/// 64 MiB.
std::string read_source_file(const std::filesystem::path& path);

}  // namespace tutti
