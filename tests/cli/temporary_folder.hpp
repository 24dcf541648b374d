// SPDX-License-Identifier: Apache-2.0
// A folder that lives as long as a test, and sounds to put into it.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace tutti::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tutti-cli-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return file(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_))
      if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(path_).string());
    return names;
  }

 private:
  std::filesystem::path path_;
};

/// A RIFF/WAVE file of 32 bit floats, written byte by byte; `samples` are interleaved.
inline std::string wav_bytes(const std::vector<float>& samples, int channels, int rate_hz) {
  std::string out;
  const auto number = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  };
  const auto data_bytes = static_cast<std::uint32_t>(samples.size() * 4);
  out += "RIFF";
  number(36 + data_bytes, 4);
  out += "WAVEfmt ";
  number(16, 4);
  number(3, 2);  // WAVE_FORMAT_IEEE_FLOAT
  number(channels, 2);
  number(rate_hz, 4);
  number(rate_hz * channels * 4, 4);
  number(channels * 4, 2);
  number(32, 2);
  out += "data";
  number(data_bytes, 4);
  out.append(reinterpret_cast<const char*>(samples.data()), data_bytes);
  return out;
}

/// The same sine on every channel, interleaved.
inline std::vector<float> sine(double freq_hz, double amplitude, double duration_s,
                               int channels = 1, int rate_hz = 48000) {
  std::vector<float> samples;
  const auto frames = static_cast<long>(std::lround(duration_s * rate_hz));
  for (long n = 0; n < frames; ++n) {
    const double phase = 2 * 3.14159265358979323846 * freq_hz * static_cast<double>(n) / rate_hz;
    samples.insert(samples.end(), channels, static_cast<float>(amplitude * std::sin(phase)));
  }
  return samples;
}

/// White noise in ±amplitude, the same for the same seed.
inline std::vector<float> noise(double amplitude, std::size_t count, std::uint64_t seed = 1) {
  std::vector<float> samples(count);
  for (float& sample : samples) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator
    sample = static_cast<float>(amplitude * (static_cast<double>(seed >> 11) * 0x1p-52 - 1));
  }
  return samples;
}

}  // namespace tutti::test
