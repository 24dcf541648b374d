// SPDX-License-Identifier: Apache-2.0
// The engine's result as the reports take it.
#pragma once

#include "host/engine/render.hpp"
#include "host/report/render_report.hpp"

namespace tutti::cli {

/// Adds to the result what the session and the files say: tolerances, layouts and formats.
RenderReport report_of(const RenderResult& result, const Session& session);

}  // namespace tutti::cli
