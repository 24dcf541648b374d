// SPDX-License-Identifier: Apache-2.0
// A sidecar as a JSON document, both ways.
#pragma once

#include <nlohmann/json.hpp>

#include "host/catalogue/sidecar.hpp"

namespace tutti::catalogue {

nlohmann::ordered_json sidecar_json(const Sidecar& sidecar);

/// Throws std::runtime_error that says what is missing or of the wrong type: a document that
/// somebody else wrote, or half of one.
Sidecar sidecar_of_json(const nlohmann::ordered_json& document);

}  // namespace tutti::catalogue
