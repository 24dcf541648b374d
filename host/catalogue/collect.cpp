// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/collect.hpp"

#include "host/catalogue/file_walk.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

std::optional<Sidecar> sidecar_or_none(const fs::path& path) {
  try {
    return read_sidecar(path);
  } catch (const IoError&) {  // not ours, or gone since: it says nothing about an output
    return {};
  }
}

}  // namespace

void for_each_sidecar(const fs::path& out, const std::function<void(FoundSidecar&&)>& sink) {
  catalogue::walk_files(out, {}, [&](const fs::path& relative) {
    if (relative.extension() != ".json") return;
    FoundSidecar found;
    found.output = relative;
    found.output.replace_extension();
    if (!found.output.has_extension()) return;  // "report.json" stands beside no output
    std::optional<Sidecar> sidecar = sidecar_or_none(out / relative);
    if (!sidecar) return;
    found.sidecar = std::move(*sidecar);
    std::error_code error;
    const std::uintmax_t size_bytes = fs::file_size(out / found.output, error);
    found.output_agrees = !error && size_bytes == found.sidecar.output.bytes;
    sink(std::move(found));
  });
}

}  // namespace tutti
