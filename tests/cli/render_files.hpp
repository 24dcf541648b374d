// SPDX-License-Identifier: Apache-2.0
// The rendering program with a small session of its own.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {

class RenderFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("a.wav", wav_bytes(noise(0.1, 4 * 48000), 1, 48000));
    folder_.write("b.wav", wav_bytes(sine(440, 0.2, 4, 2), 2, 48000));
    folder_.write("mix.yaml", kSession);
  }

  ProgramResult run(std::vector<std::string> arguments) {
    return tutti_program(std::move(arguments), folder_.path());
  }
  ProgramResult render(std::vector<std::string> more = {},
                       const std::string& session = "mix.yaml") {
    more.insert(more.begin(), {"render", session, "-o", "out"});
    return run(std::move(more));
  }
  nlohmann::json render_json(const std::string& session = "mix.yaml") {
    const ProgramResult result = render({"--json", "-"}, session);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.exit_code == 0 ? nlohmann::json::parse(result.out) : nlohmann::json();
  }
  std::vector<std::string> outputs() const {
    std::vector<std::string> names;
    for (const std::string& name : folder_.names())
      if (name.starts_with("out/") && !name.ends_with(".tutti-render.json"))
        names.push_back(name.substr(4));
    return names;
  }
  std::string edited(const std::string& from, const std::string& to) const {
    std::string text = kSession;
    text.replace(text.find(from), from.size(), to);
    return text;
  }

  static constexpr const char* kSession =
      "tutti: 1\n"
      "title: Small\n"
      "stems:\n"
      "  - {name: Tone, file: a.wav, gain_db: -6}\n"
      "  - {name: Wide, file: b.wav, output: Group}\n"
      "buses: [{name: Group}]\n"
      "master: {loudness: {target_lufs: -20}, limiter: {ceiling_dbtp: -1}}\n"
      "outputs:\n"
      "  - {file: mix.wav, source: mix, bit_depth: 32f}\n"
      "  - {file: master.wav, source: master}\n"
      "  - {file: \"st/{name}.wav\", source: stems}\n"
      "  - {file: \"bus {name}.wav\", source: buses}\n";

  TemporaryFolder folder_;
};

}  // namespace tutti::test
