// SPDX-License-Identifier: Apache-2.0
// Temporary folders, deterministic samples, and reading a file whole.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/io/decode.hpp"
#include "tests/io/byte_writer.hpp"

namespace tutti::test {

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tutti-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path save(std::string_view name, std::string_view bytes) const {
    const auto file = path_ / name;
    std::ofstream(file, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return file;
  }

  int entries() const {
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::filesystem::path path_;
};

inline std::string load(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What a command prints (stdout and stderr); `status` gets its exit status.
inline std::string run_command(const std::string& command, int* status = nullptr) {
  std::string text;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  char piece[4096];
  std::size_t got = 0;
  while ((got = std::fread(piece, 1, sizeof piece, pipe)) > 0) text.append(piece, got);
  const int result = ::pclose(pipe);
  if (status != nullptr) *status = result;
  return text;
}

inline bool command_exists(const std::string& name) {
  int status = 0;
  run_command("command -v " + name, &status);
  return status == 0;
}

/// A sample of `bits` bits that uses the whole range and differs between channels and frames.
inline std::int32_t pattern(int bits, int channel, Frames frame) {
  const std::uint64_t mixed = (static_cast<std::uint64_t>(frame) * 0x9E3779B97F4A7C15u) ^
                              (static_cast<std::uint64_t>(channel + 1) * 0xD1B54A32D192ED03u);
  const auto word = static_cast<std::uint32_t>((mixed ^ mixed >> 29) >> 16);
  return static_cast<std::int32_t>(word) >> (32 - bits);
}

/// All frames of a reader.
inline Buffer read_all(AudioReader& reader) {
  Buffer out(reader.info().channels, reader.info().frames);
  reader.read(0, out.view());
  return out;
}

/// Collects warning codes.
struct HeardWarnings {
  std::vector<std::string> codes;
  WarningSink sink() {
    return [this](const Warning& warning) { codes.push_back(warning.code); };
  }
};

}  // namespace tutti::test
