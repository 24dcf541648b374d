// SPDX-License-Identifier: Apache-2.0
// The render on the device that was asked for, or, where nobody insists on one, on the CPU after it
// failed.
#include <string>

#include "host/audio/errors.hpp"
#include "host/backend/backend.hpp"
#include "host/engine/render.hpp"

namespace tutti {

RenderResult render(const Session& session, const RenderOptions& options) {
  OpenedBackend opened = open_backend(options.device);
  std::string note = opened.why_not_cuda;
  RenderOptions again = options;
  if (options.device == "auto" && note.empty()) {
    try {
      return render_on(*opened.backend, session, options);
    } catch (const DeviceError& problem) {
      note = problem.what();
      again.overwrite = true;  // what is there now was allowed to be written, or is from this run
      if (options.warnings)
        options.warnings({"device_failed", note + "; rendering on the CPU instead", ""});
    }
    opened = {open_cpu_backend(), note};
  }
  RenderResult result = render_on(*opened.backend, session, again);
  result.device_note = note;
  return result;
}

}  // namespace tutti
