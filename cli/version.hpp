// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tutti::cli {

/// "tutti 0.1.0".
std::string program_version();

/// Name, version and the version of every library in use, a line each.
std::string version_text();

}  // namespace tutti::cli
