// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/collect.hpp"

#include "host/audio/errors.hpp"
#include "host/catalogue/file_walk.hpp"
#include "host/catalogue/output_names.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

std::string without_path(const IoError& problem) {
  return std::string(problem.what()).substr(problem.path().size() + 2);  // "path: cause"
}

}  // namespace

void for_each_sidecar(const fs::path& out, const std::function<void(FoundSidecar&&)>& sink,
                      const std::function<void(const UnreadableSidecar&)>& unreadable) {
  catalogue::walk_files(out, {}, [&](const fs::path& relative) {
    if (relative.extension() != ".json") return;
    FoundSidecar found;
    found.output = relative;
    found.output.replace_extension();
    if (!found.output.has_extension()) return;  // "report.json" stands beside no output
    std::error_code error;
    found.written = fs::last_write_time(out / relative, error);
    try {
      std::optional<Sidecar> sidecar = read_sidecar(out / relative);
      if (!sidecar) return;  // gone since
      found.sidecar = std::move(*sidecar);
    } catch (const IoError& problem) {
      if (problem.fault() == IoFault::exhausted) throw;
      if (unreadable && catalogue::has_audio_name(found.output))
        unreadable({found.output,
                    without_path(problem) + "; " + sidecar_repair(out / relative)});
      return;
    }
    const std::uintmax_t size_bytes = fs::file_size(out / found.output, error);
    found.output_agrees = !error && size_bytes == found.sidecar.output.bytes;
    sink(std::move(found));
  });
}

}  // namespace tutti
