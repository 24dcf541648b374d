// SPDX-License-Identifier: Apache-2.0
// Every graph pass is proved by a null test with the pass on and off, over sessions made at random.
#include "host/graph/compile.hpp"
#include "tests/engine/random_session.hpp"
#include "tests/engine/session_fixture.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

class Passes : public SessionFixture, public ::testing::WithParamInterface<unsigned> {
 protected:
  Passes() { for (const auto& [name, signal] : random_session_files()) write(name, signal); }
};

TEST_P(Passes, NoneChangesTheSound) {
  const std::string text = random_session(GetParam());
  RenderOptions plain = overwriting();
  plain.disabled_passes = pass_names();
  render_text(text, plain);
  const Signal mix = read("mix.wav"), bus = read("B0.wav");
  std::vector<std::vector<std::string>> variants = {{}};
  for (const std::string& name : pass_names()) variants.push_back({name});
  for (const auto& disabled : variants) {
    RenderOptions options = overwriting();
    options.disabled_passes = disabled;
    render_text(text, options);
    const Signal other_mix = read("mix.wav"), other_bus = read("B0.wav");
    const std::string label = disabled.empty() ? "all passes" : "without " + disabled[0];
    for (std::size_t c = 0; c < 2; ++c) {
      // Tails end where both are below −200 dBFS; compare the common part.
      const std::size_t frames = std::min(mix[c].size(), other_mix[c].size());
      auto part = [&](const std::vector<double>& x) {
        return std::vector<double>(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(frames));
      };
      EXPECT_RESIDUAL_BELOW(part(other_mix[c]), part(mix[c]), bounds::kSessionDbfs) << label << text;
      EXPECT_RESIDUAL_BELOW(part(other_bus[c]), part(bus[c]), bounds::kSessionDbfs) << label << text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(RandomSessions, Passes, ::testing::Range(1u, 13u));

}  // namespace
}  // namespace tutti::test
