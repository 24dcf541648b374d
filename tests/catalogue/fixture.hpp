// SPDX-License-Identifier: Apache-2.0
// A small job on disk.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "host/catalogue/item.hpp"
#include "host/catalogue/sidecar.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {

/// What a render would write for an output of these bytes.
inline Sidecar sidecar_of(const std::string& id, const std::string& bytes) {
  Sidecar s;
  s.id = id;
  s.album = "Album";
  s.sound_version = "1";
  s.input = {"in/" + id + ".wav", "ab", 4};
  s.settings = {{"target_lufs", -16}};
  s.key = catalogue_key(s.input.sha256, s.settings.dump(), s.sound_version);
  s.output.file = id + ".flac";
  s.output.format = "FLAC PCM 24";
  s.output.bytes = bytes.size();
  s.output.frames = 96000;
  s.output.sample_rate_hz = 48000;
  s.output.channels = 2;
  s.before.sample_rate_hz = s.after.sample_rate_hz = 48000;
  s.before.channels = s.after.channels = 2;
  s.before.frames = s.after.frames = 96000;
  s.before.integrated_lufs = -20.5;
  s.after.integrated_lufs = -16.02;
  s.after.true_peak_dbtp = -1;
  s.target_lufs = -16;
  s.ceiling_dbtp = -1;
  s.gain_db = 4.5;
  return s;
}

/// An output and its sidecar as they stand after a render.
inline void add_output(const TemporaryFolder& folder, const std::string& id,
                       const std::string& bytes) {
  folder.write("out/" + id + ".flac", bytes);
  Sidecar sidecar = sidecar_of(id, bytes);
  sidecar.output.sha256 = hash_file(folder.file("out/" + id + ".flac")).sha256;
  write_sidecar(folder.file("out/" + id + ".flac.json"), sidecar);
}

/// The message of the ManifestError that reading this text throws; "" when it is good.
inline std::string manifest_problems(const TemporaryFolder& folder, const std::string& name,
                                     const std::string& text) {
  folder.write(name, text);
  try {
    read_manifest(folder.path() / name);
  } catch (const ManifestError& error) {
    std::string what = error.what();
    const std::string path = folder.file(name);
    for (std::size_t at; (at = what.find(path)) != std::string::npos;)
      what.replace(at, path.size(), name);
    return what;
  }
  return {};
}

}  // namespace tutti::test
