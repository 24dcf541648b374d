// SPDX-License-Identifier: Apache-2.0
// Any bytes as a programme that writes FLAC frames, lawful and hostile: what our decoder takes is
// what libFLAC finds in it, on any width of vectors, and it takes all that is lawful.
#include <cstdio>
#include <cstdlib>

#include "tests/flac/drawn_stream.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  tutti::test::Input in(bytes, count);
  const auto targets = hwy::SupportedAndGeneratedTargets();
  const std::int64_t target = targets[in.number(1) % targets.size()];
  const tutti::test::DrawnStream stream = tutti::test::draw_stream(in);
  const tutti::test::Verdict verdict = tutti::test::judge(stream, {target});
  if (verdict.fault.empty()) return 0;
  std::fprintf(stderr, "%s\n", verdict.fault.c_str());
  abort();
}
