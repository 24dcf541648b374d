// SPDX-License-Identifier: Apache-2.0
// A folder, a session as text, and what came out of rendering it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "host/engine/render.hpp"
#include "host/io/decode.hpp"
#include "host/io/encode.hpp"
#include "host/session/parser.hpp"
#include "host/audio/buffer.hpp"

namespace tutti::test {

/// [channel][frame]
using Signal = std::vector<std::vector<double>>;

class SessionFixture : public ::testing::Test {
 protected:
  SessionFixture() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(info->test_suite_name()) + "." + info->name();
    for (char& c : name)
      if (c == '/') c = '_';
    folder_ = std::filesystem::temp_directory_path() /
              ("tutti-" + std::to_string(::getpid()) + "-" + name);
    std::filesystem::create_directories(folder_);
  }
  ~SessionFixture() override { std::filesystem::remove_all(folder_); }

 public:
  /// Gaussian noise at an RMS level, rounded to float as a file would hold it.
  static Signal noise(int channels, Frames frames, double rms, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, rms);
    Signal signal(static_cast<std::size_t>(channels));
    for (auto& channel : signal)
      for (Frames n = 0; n < frames; ++n)
        channel.push_back(static_cast<double>(static_cast<float>(normal(random))));
    return signal;
  }

 protected:
  static Signal impulse_at(Frames frame, Frames frames) {
    Signal signal{std::vector<double>(static_cast<std::size_t>(frames))};
    signal[0][static_cast<std::size_t>(frame)] = 0.5;
    return signal;
  }

  void write(const std::string& name, const Signal& signal, double rate_hz = 48000) {
    WriteSpec spec;
    spec.path = folder_ / name;
    spec.sample_rate_hz = rate_hz;
    spec.channels = static_cast<int>(signal.size());
    spec.encoding = Encoding::float32;
    spec.overwrite = true;
    Buffer block(spec.channels, static_cast<Frames>(signal[0].size()));
    for (int c = 0; c < spec.channels; ++c)
      for (std::size_t n = 0; n < signal[c].size(); ++n)
        block.channel(c)[n] = static_cast<float>(signal[c][n]);
    auto writer = open_writer(spec);
    writer->write(block.view());
    writer->commit();
  }

  Signal read(const std::string& name) const {
    const auto reader = open_audio(folder_ / name);
    Buffer block(reader->info().channels, reader->info().frames);
    reader->read(0, block.view());
    Signal signal;
    for (int c = 0; c < block.channels(); ++c)
      signal.emplace_back(block.channel(c), block.channel(c) + block.frames());
    return signal;
  }

  Session parse(const std::string& text) const {
    ParseResult parsed = parse_session_text(text, folder_ / "session.yaml");
    std::vector<Issue> issues = parsed.issues;
    if (!has_errors(issues)) {
      const std::vector<Issue> meaning = validate_session(parsed.session);
      issues.insert(issues.end(), meaning.begin(), meaning.end());
    }
    for (const Issue& issue : issues) ADD_FAILURE() << format_issue(issue, parsed.source);
    return parsed.session;
  }

  RenderResult render_text(const std::string& text, RenderOptions options = {}) const {
    if (options.output_directory.empty()) options.output_directory = folder_;
    return render(parse(text), options);
  }

  static RenderOptions overwriting() {
    RenderOptions options;
    options.overwrite = true;
    return options;
  }

  std::filesystem::path folder_;
};

}  // namespace tutti::test
