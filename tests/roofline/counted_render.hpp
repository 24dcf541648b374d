// SPDX-License-Identifier: Apache-2.0
// A session rendered on the emulated device, which counts, and predicted.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "host/engine/roofline.hpp"
#include "host/roofline/backend.hpp"
#include "kernels/backend.hpp"
#include "tests/engine/session_fixture.hpp"
#include "tests/roofline/kernel_names.hpp"

namespace tutti::test {

/// What the emulated device was given to do, under the names of the prediction.
inline roofline::Counts counted() {
  const cudacpu::Counts seen = cudacpu::counts();
  roofline::Counts counts;
  for (const cudacpu::KernelCounts& kernel : seen.kernels) {
    roofline::KernelCost cost;
    cost.launches = kernel.launches;
    cost.blocks = kernel.blocks;
    cost.read_bytes = kernel.read_bytes;
    cost.written_bytes = kernel.written_bytes;
    counts.kernels[kernel_key(kernel.kernel)] += cost;
  }
  counts.sent_bytes = seen.uploaded_bytes;  // with the stems
  counts.fetched_bytes = seen.downloaded_bytes;
  counts.cleared_bytes = seen.cleared_bytes;
  counts.copied_bytes = seen.copied_bytes;
  return counts;
}

/// A table that is read only where a bound fails.
inline double data_dependent_bytes(const std::string& kernel) {
  return kernel == "true_peak.peaks" || kernel == "limiter.needed" ? 4148 : 0;
}

/// Launches, blocks and bytes over the bus are equal; bytes of device memory but for small tables,
/// of which kernels read some fields, and results that they raise by atomics.
inline void expect_equal_counts(const roofline::Counts& predicted, const roofline::Counts& taken) {
  EXPECT_EQ(predicted.uploaded_bytes(), taken.uploaded_bytes());
  EXPECT_EQ(predicted.fetched_bytes, taken.fetched_bytes);
  EXPECT_EQ(predicted.cleared_bytes, taken.cleared_bytes);
  EXPECT_EQ(predicted.copied_bytes, taken.copied_bytes);
  for (const auto& [name, cost] : predicted.kernels)
    EXPECT_TRUE(taken.kernels.contains(name)) << name << " is never launched";
  for (const auto& [name, cost] : taken.kernels) {
    const auto found = predicted.kernels.find(name);
    ASSERT_NE(found, predicted.kernels.end()) << name << " is not predicted";
    EXPECT_EQ(found->second.launches, cost.launches) << name;
    EXPECT_EQ(found->second.blocks, cost.blocks) << name;
#ifdef TUTTI_TRAFFIC_COUNTED
    if (name == "convolver.transform") continue;  // cuFFT's passes are not ours to count
    const double small = (512 + data_dependent_bytes(name)) * static_cast<double>(cost.launches);
    const auto near = [&](std::uint64_t expected, std::uint64_t seen) {
      EXPECT_NEAR(static_cast<double>(expected), static_cast<double>(seen),
                  small + 0.005 * static_cast<double>(seen))
          << name;
    };
    near(found->second.read_bytes, cost.read_bytes);
    near(found->second.written_bytes, cost.written_bytes);
#endif
  }
}

class CountedRender : public SessionFixture {
 protected:
  RenderOptions options() const {
    RenderOptions options = overwriting();
    options.output_directory = folder_ / "out";
    options.threads = 1;  // two threads may both find a stem missing, and both bring it
    return options;
  }

  void write_24_bit(const std::string& name, const Signal& signal) {
    WriteSpec spec;
    spec.path = folder_ / name;
    spec.channels = static_cast<int>(signal.size());
    Buffer block(spec.channels, static_cast<Frames>(signal[0].size()));
    for (int c = 0; c < spec.channels; ++c)
      for (std::size_t n = 0; n < signal[0].size(); ++n)
        block.channel(c)[n] = static_cast<float>(signal[static_cast<std::size_t>(c)][n]);
    auto writer = open_writer(spec);
    writer->write(block.view());
    writer->commit();
  }

  Roofline predicted(const Session& session) const {
    PreparedRender prepared = prepare(session, options(), resolve_deliveries(session, options()),
                                      roofline::kLanesPerGroup);
    return predict_roofline(session, options(), prepared, roofline::machine_of("h200"));
  }

  /// Renders as if for the first time; `backend` keeps what it has.
  roofline::Counts rendered(Backend& backend, const Session& session) const {
    std::filesystem::remove_all(folder_ / "out");
    cudacpu::reset_counts();
    render_on(backend, session, options());
    return counted();
  }

  /// The prediction with as many loudness passes as were taken: those with which limiters run as
  /// often as they did. One number for each loudness; false if there is none.
  static bool with_passes_taken(Roofline& roofline, bool warm, const roofline::Counts& taken) {
    std::vector<RooflineStage*> loops;
    for (RooflineStage& stage : roofline.stages)
      if (stage.name == "limit") loops.push_back(&stage);
    for (RooflineStage* loop : loops) loop->passes = 0;
    const auto work = [](const roofline::Counts& counts) {
      const auto found = counts.kernels.find("limiter.needed");
      return found == counts.kernels.end()
                 ? std::pair<std::uint64_t, std::uint64_t>{}
                 : std::pair{found->second.launches, found->second.blocks};
    };
    for (;;) {
      if (work(roofline.counts(warm)) == work(taken)) return true;
      std::size_t next = 0;
      while (next < loops.size() && ++loops[next]->passes > 6) loops[next++]->passes = 0;
      if (next == loops.size()) return false;
    }
  }

  /// At least one slab is in use, at most all. Tables of a tile are not predicted.
  static void expect_enough(const roofline::MemoryUse& memory) {
    const auto most = cudacpu::counts().most_device_bytes;
    const auto signals = memory.working_bytes + memory.resident_bytes;
    EXPECT_GE(static_cast<double>(most), 0.97 * static_cast<double>(signals));
    EXPECT_LE(static_cast<double>(most),
              1.03 * static_cast<double>(signals + memory.slab_bytes) + (1 << 20));
  }

  /// Once with every stem to upload, and once (`again`) with the stems on the device.
  void expect_as_predicted(const std::string& text, bool again = true) {
    const Session session = parse(text);
    Roofline roofline = predicted(session);
    const std::unique_ptr<Backend> backend = cuda::open_cuda_backend(0);
    for (const bool warm : {false, true}) {
      if (warm && !again) break;
      SCOPED_TRACE(warm ? "warm" : "cold");
      const roofline::Counts taken = rendered(*backend, session);
      ASSERT_TRUE(with_passes_taken(roofline, warm, taken));
      expect_equal_counts(roofline.counts(warm), taken);
      expect_enough(roofline.memory);
    }
    EXPECT_EQ(roofline.warm_mix.stem_bytes, 0u);
  }
};

}  // namespace tutti::test
