// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "host/session/model.hpp"

namespace tutti {

/// Everything that a session says as text: equal for sessions of equal content, whatever their
/// comments, their order of keys and the way their numbers are written. Not meant to be read back.
std::string canonical_text(const Session& session);

}  // namespace tutti
