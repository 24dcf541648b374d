// SPDX-License-Identifier: Apache-2.0
// What was measured of one file, and how it is written down.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/dsp/measurement.hpp"

namespace tutti {

/// Readings of a K-System meter: dB over the scale's 0, which stands `scale` dB under full scale.
/// Averages are RMS over 600 ms with the sine convention (a full-scale sine reads 0 dBFS).
struct KSystemReading {
  int scale = 20;                        ///< 12, 14 or 20
  std::optional<double> average_max_db;  ///< loudest 600 ms of the loudest channel
  std::optional<double> average_db;      ///< the whole file, all channels
  std::optional<double> peak_db;         ///< sample peak
};

struct MeasuredFile {
  std::string file;
  std::string layout;                      ///< name of the loudspeaker layout; empty: unknown
  std::optional<Measurement> measurement;  ///< none when the file could not be read
  std::optional<KSystemReading> k_system;
  std::string error;               ///< empty: none
  std::vector<std::string> notes;  ///< what the reader should know about the figures
};

/// The object of one file in `tutti measure --json`; what does not exist is null.
nlohmann::ordered_json measured_file_json(const MeasuredFile& file);

/// The whole document of `tutti measure --json`.
std::string measured_files_json(std::span<const MeasuredFile> files);

/// One header line and one line a file (line feeds, cells quoted as RFC 4180 says); what does not
/// exist is empty. K-System columns stand at the end when a file has such a reading.
std::string measured_files_csv(std::span<const MeasuredFile> files);

/// For people: one row of loudness and one of levels for each file, then notes and errors.
std::string measured_files_text(std::span<const MeasuredFile> files);

}  // namespace tutti
