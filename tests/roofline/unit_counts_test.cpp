// SPDX-License-Identifier: Apache-2.0
// Single operations of the backend list, in several shapes each: what is predicted for them is what
// the emulated device does.
#include <cstdlib>
#include <functional>

#include "host/dsp/limiter.hpp"
#include "tests/roofline/counted_render.hpp"

namespace tutti::test {
namespace {

/// The same calls on both; results are not looked at.
void expect_same(const std::function<void(Backend&)>& use) {
  roofline::Ledger ledger(8e9);
  use(*roofline::make_backend(ledger));
  cudacpu::reset_counts();
  use(*cuda::open_cuda_backend(0));
  expect_equal_counts(ledger.take(), counted());
}

std::unique_ptr<TileBuffer> filled(Backend& backend, int channels, Frames frames) {
  auto tile = backend.allocate(channels, frames);
  backend.fill(tile->view(), [](BlockView view) {
    for (int c = 0; c < view.channels; ++c)
      for (Frames n = 0; n < view.frames; ++n)
        view.channel(c)[n] =
            0.4F * static_cast<float>(std::abs((n + c * 11) % 202 - 101)) / 101.0F - 0.2F;
  });
  return tile;
}

/// Tiles of several lengths through a processor of whole channels, silence among them.
void run_through(Backend& backend, ChannelRunner& runner, int channels) {
  for (const Frames frames : {Frames{1024}, Frames{20000}, Frames{4096}, Frames{700}}) {
    const auto tile = filled(backend, channels, frames);
    const auto out = backend.allocate(channels, frames);
    runner.process(tile->view(), out->view());
    runner.process({nullptr, channels, frames, 0}, out->view());
  }
  runner.reset();
}

TEST(UnitCounts, Delays) {
  for (const Frames delay : {Frames{0}, Frames{11}, Frames{1023}, Frames{1024}, Frames{30000}})
    for (const int channels : {1, 2}) {
      SCOPED_TRACE(delay);
      expect_same([&](Backend& backend) {
        DelayDesign design;
        design.delay_frames = delay;
        design.feedback = delay % 2 ? 0.5 : 0;
        run_through(backend, *backend.make_delay(design, channels), channels);
        run_through(backend, *backend.make_alignment(delay, channels), channels);
      });
    }
}

TEST(UnitCounts, Stereo) {
  for (const bool filtered : {false, true})
    expect_same([&](Backend& backend) {
      StereoSpec spec;
      spec.width = 0.5;
      if (filtered) spec.mono_below_hz = 120;
      run_through(backend, *backend.make_stereo(design(spec, 48000)), 2);
    });
}

TEST(UnitCounts, Sums) {
  for (const int channels : {1, 2})
    expect_same([&](Backend& backend) {
      const auto a = filled(backend, 2, 5000), b = filled(backend, 1, 5000);
      const auto out = backend.allocate(channels, 5000);
      const std::vector<double> gains(4, 0.5);
      const SumTerm terms[] = {{a->view(), std::span(gains).first(2 * channels), {}},
                               {b->view(), std::span(gains).first(channels), {}},
                               {{nullptr, 1, 5000, 0}, std::span(gains).first(channels), {}}};
      backend.sum(0, terms, out->view());
      Buffer host;
      backend.fetch(out->view(), host);
    });
}

TEST(UnitCounts, Limiters) {
  for (const double link : {0.0, 0.5, 1.0})
    for (const int channels : {1, 2}) {
      SCOPED_TRACE(link);
      expect_same([&](Backend& backend) {
        LimiterSpec spec;
        spec.ceiling_dbtp = -6;
        spec.lookahead_ms = link > 0 ? 5 : 0.5;
        spec.link = link;
        const auto limiter = backend.make_limiter(design(spec, 44100), channels);
        for (const Frames frames : {Frames{3000}, Frames{66000}, Frames{100}}) {
          const auto tile = filled(backend, channels, frames);
          limiter->process(tile->view(), tile->view());
        }
        limiter->max_reduction_db();
      });
    }
}

TEST(UnitCounts, Meters) {
  const MeterParts all[] = {{}, {true, false, false}, {false, true, false}, {false, false, true}};
  for (const MeterParts parts : all)
    for (const std::vector<double>& weights :
         {std::vector<double>{1.0}, {1.0, 1.0}, {1.0, 0.0, 1.41}})
      expect_same([&](Backend& backend) {
        const auto channels = static_cast<int>(weights.size());
        const auto meter = backend.make_meter(44100, weights, parts);
        for (const Frames frames : {Frames{5000}, Frames{66000}, Frames{13}}) {
          const auto tile = filled(backend, channels, frames);
          meter->process(tile->view());
        }
        meter->readings();
      });
}

TEST(UnitCounts, Packers) {
  struct Case {
    StoredFormat format;
    int bits;
    DitherKind dither;
  };
  const Case cases[] = {{{SampleKind::unsigned_integer, 1, false}, 8, DitherKind::tpdf},
                        {{SampleKind::signed_integer, 2, true}, 16, DitherKind::shaped},
                        {{SampleKind::signed_integer, 3, false}, 24, DitherKind::none},
                        {{SampleKind::signed_integer, 4, false}, 32, DitherKind::tpdf},
                        {{SampleKind::floating, 4, false}, 32, DitherKind::none},
                        {{SampleKind::floating, 8, true}, 32, DitherKind::none}};
  for (const Case& c : cases)
    for (const int channels : {1, 2})
      expect_same([&](Backend& backend) {
        const auto packer = backend.make_packer({c.format, c.bits, c.dither, 1, 48000}, channels);
        for (const Frames frames : {Frames{1001}, Frames{9000}, Frames{2}}) {
          const auto tile = filled(backend, channels, frames);
          packer->process(tile->view());
        }
      });
}

// Blocks of several lengths, sources that stop and sound again, impulses that begin late or are
// shared.
TEST(UnitCounts, Convolutions) {
  const auto impulse_of = [](Frames silent, Frames frames) {
    std::vector<float> taps(static_cast<std::size_t>(silent + frames), 0.0F);
    for (Frames n = 0; n < frames; ++n)
      taps[static_cast<std::size_t>(silent + n)] = 0.01F * static_cast<float>(n % 7 + 1);
    return std::make_shared<const std::vector<float>>(std::move(taps));
  };
  for (const Frames block : {Frames{256}, Frames{2048}, Frames{16384}}) {
    SCOPED_TRACE(block);
    const auto near = impulse_of(0, 3 * block), late = impulse_of(2 * block + 5, block / 2);
    expect_same([&](Backend& backend) {
      SpectralProgram program;
      program.block_frames = block;
      program.outputs = 2;
      program.sources = {{1, {near, late}, {1, 0.5}}, {2, {near, nullptr, nullptr, near}, {1, 1}}};
      const auto first = backend.make_spectral(program, 1, 16384),
                 second = backend.make_spectral(program, 1, 16384);
      const auto mono = filled(backend, 1, 16384), stereo = filled(backend, 2, 16384);
      const auto out = backend.allocate(2, 16384);
      const TileView silence{nullptr, 2, 16384, 0};
      for (const bool sounds : {true, false, true, false, false, false, false, false, true}) {
        const TileView sources[] = {mono->view(), sounds ? stereo->view() : silence};
        const TileView quiet[] = {silence, sounds ? stereo->view() : silence};
        std::vector<SpectralRunner*> runners;
        if (first->accumulate(0, 16384, sources)) runners.push_back(first.get());
        if (second->accumulate(0, 16384, quiet)) runners.push_back(second.get());
        SpectralRunner::invert(runners, 0, out->view());
      }
    });
  }
}

}  // namespace
}  // namespace tutti::test
