// SPDX-License-Identifier: Apache-2.0
#include "host/engine/estimate.hpp"

#include <tbb/task_arena.h>

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>
#include <vector>

namespace tutti {
namespace {

constexpr std::uint64_t kDefaultMemoryBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

// Peak resident memory of renders of 1 to 256 stems, with and without reverb, at limits of 32 MiB
// to 4 GiB, less what follows from the plan.
constexpr std::uint64_t kProgramBytes = 14 * kMiB;    // code, tables, blocks of the master
constexpr std::uint64_t kStreamBytes = 3 * kMiB / 4;  // a file written while it is mixed
constexpr std::uint64_t kDecoderBytes = kMiB;         // an open compressed file

// CPU time of the same renders on a 2.5 GHz Xeon with AVX-512, in ns a frame.
constexpr double kStripChannelNs = 2.2;   // read, filters, dynamics, sums
constexpr double kSpectralSourceNs = 15;  // one channel into a reverb of seconds
constexpr double kMasterGroupNs = 105;    // loudness and limiter, several times over
constexpr double kFileNs = 50;            // stereo: quantise, write, hash, read back, measure
constexpr double kFlacNs = 65, kLossyNs = 390, kResampleNs = 45;  // beside it
constexpr double kDecodeNs = 19;    // one channel of FLAC; of PCM it is in the strip
constexpr double kIdleShare = 1.3;  // steps wait for each other

int threads_of(const RenderOptions& options) {
  return options.threads > 0 ? options.threads : tbb::this_task_arena::max_concurrency();
}

bool is_compressed(const AudioInfo& info) {
  return !info.encoding.starts_with("PCM") && !info.encoding.starts_with("float")
             ? true
             : info.container.find("FLAC") != std::string::npos;
}

double file_ns(const Delivery& delivery, double session_rate_hz) {
  const std::string extension = delivery.write.path.extension().string();
  const bool lossy = extension == ".mp3" || extension == ".ogg" || extension == ".opus";
  return kFileNs + (extension == ".flac" ? kFlacNs : 0) + (lossy ? kLossyNs : 0) +
         (delivery.write.sample_rate_hz != session_rate_hz ? kResampleNs : 0);
}

class Estimator {
 public:
  Estimator(const PreparedRender& prepared, const RenderOptions& options)
      : prepared_(prepared), plan_(prepared.plan), options_(options) {}

  std::uint64_t memory_bytes() const {
    std::uint64_t bytes = kProgramBytes + kept_bytes();
    std::vector<std::uint64_t> strips;
    for (const PlanStep& step : plan_.steps) {
      if (const auto* lanes = std::get_if<LaneStep>(&step)) {
        for (const LaneMixTarget& mix : lanes->mixes) bytes += signal_bytes(node_channels(mix.sum));
        std::uint64_t planar = 0;
        for (const LaneStrip& strip : lanes->strips)
          if (strip.planar) planar += tile_bytes(node_channels(strip.tail));
        strips.push_back(planar);
      } else if (const auto* sum = std::get_if<SumStep>(&step)) {
        bytes += signal_bytes(node_channels(sum->node));
      } else if (const auto* spectral = std::get_if<SpectralStep>(&step)) {
        bytes += 2 * signal_bytes(spectral->outputs) + spectra_bytes(*spectral);
      }
    }
    // Every core works on one group's strips, and another group's may wait to be read.
    const std::size_t live =
        std::min(strips.size(), static_cast<std::size_t>(threads_of(options_)) + 1);
    std::partial_sort(strips.begin(), strips.begin() + static_cast<std::ptrdiff_t>(live), strips.end(),
                      std::greater<>());
    for (std::size_t i = 0; i < live; ++i) bytes += strips[i];
    for (const Delivery& delivery : prepared_.deliveries)
      if (!delivery.mastered) bytes += kStreamBytes;
    for (const InputFile& file : prepared_.inputs.files)
      if (is_compressed(file.info)) bytes += kDecoderBytes;
    return bytes;
  }

  double cpu_s(double session_rate_hz) const {
    double ns = 0;
    for (const PlanStep& step : plan_.steps) {
      if (const auto* lanes = std::get_if<LaneStep>(&step))
        ns += kStripChannelNs * lanes->program.strips * lanes->program.channels;
      if (const auto* spectral = std::get_if<SpectralStep>(&step))
        for (const SpectralSource& source : spectral->sources)
          ns += kSpectralSourceNs * source.unit.inputs;
    }
    std::set<std::tuple<double, double, double>> groups;
    for (const Delivery& delivery : prepared_.deliveries) {
      ns += file_ns(delivery, session_rate_hz);
      if (delivery.mastered)
        groups.insert({delivery.write.sample_rate_hz, delivery.loudness ? delivery.loudness->target_lufs : 1e9,
                       delivery.limiter ? delivery.limiter->ceiling_dbtp : 1e9});
    }
    ns += kMasterGroupNs * static_cast<double>(groups.size());
    const Frames frames = prepared_.range.last_sound - prepared_.first_frame;
    double total_ns = ns * static_cast<double>(frames);
    for (const InputFile& file : prepared_.inputs.files)
      if (is_compressed(file.info))
        total_ns += kDecodeNs * file.info.channels *
                    static_cast<double>(std::min(file.info.frames, frames));
    return 1e-9 * total_ns;
  }

 private:
  int node_channels(NodeId node) const { return plan_.nodes[node].channels; }

  std::uint64_t tile_bytes(int channels) const {
    return static_cast<std::uint64_t>(channels) * static_cast<std::uint64_t>(plan_.tile_frames) *
           sizeof(float);
  }

  std::uint64_t signal_bytes(int channels) const {
    return static_cast<std::uint64_t>(tiles_in_flight(options_)) * tile_bytes(channels);
  }

  /// Spectra of the impulses and of what goes through them.
  static std::uint64_t spectra_bytes(const SpectralStep& step) {
    std::uint64_t bytes = 0;
    for (const SpectralSource& source : step.sources) {
      const auto partitions = static_cast<std::uint64_t>(
          (source.unit.length_frames() + step.block_frames - 1) / step.block_frames);
      bytes += static_cast<std::uint64_t>(step.block_frames) * 2 * sizeof(float) * partitions *
               (source.unit.impulses.size() + 1);
    }
    return bytes;
  }

  /// The mix, and its edited copy at the rate of a delivery; in a file where it is too long.
  std::uint64_t kept_bytes() const {
    const bool mastered = std::any_of(prepared_.deliveries.begin(), prepared_.deliveries.end(),
                                      [](const Delivery& delivery) { return delivery.mastered; });
    if (!mastered) return 0;
    const Frames frames =
        prepared_.range.last_sound - prepared_.range.start + prepared_.range.quiet_frames;
    const auto bytes = static_cast<std::uint64_t>(frames) *
                       static_cast<std::uint64_t>(prepared_.deliveries[0].write.channels) *
                       sizeof(float);
    return bytes > long_signal_budget_bytes(options_) ? 0 : 2 * bytes;
  }

  const PreparedRender& prepared_;
  const Plan& plan_;
  const RenderOptions& options_;
};

}  // namespace

std::uint64_t long_signal_budget_bytes(const RenderOptions& options) {
  return (options.max_memory_bytes ? options.max_memory_bytes : kDefaultMemoryBytes) / 16;
}

int tiles_in_flight(const RenderOptions& options) {
  const bool plenty =
      options.max_memory_bytes == 0 || options.max_memory_bytes >= kDefaultMemoryBytes / 2;
  return plenty ? 2 : 1;
}

Estimate estimate_render(const PreparedRender& prepared, const RenderOptions& options,
                         double sample_rate_hz, double prepare_s) {
  const Estimator estimator(prepared, options);
  const int threads = threads_of(options);
  const double share = threads > 1 ? kIdleShare / threads : 1.0;
  return {estimator.memory_bytes(), prepare_s + share * estimator.cpu_s(sample_rate_hz)};
}

}  // namespace tutti
