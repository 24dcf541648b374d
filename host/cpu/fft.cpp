// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/fft.hpp"

#include <map>
#include <mutex>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/fft.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>
#include "host/cpu/fft_butterfly-inl.hpp"
#include "host/cpu/fft_transpose-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tutti::HWY_NAMESPACE {
namespace {

using Tag = hn::CappedTag<float, kFftColumns>;
using Vector = hn::Vec<Tag>;
constexpr std::size_t kStep = hn::MaxLanes(Tag());
constexpr std::size_t kRow = kFftRowFloats;

// Subtrees of this many rows (16 KiB) stay in the first-level cache: below it passes run one after
// the other over the whole subtree, above it depth-first.
constexpr std::size_t kLeafRows = 128;

// Fetches the next block while this one is in registers: 32 of its frames per butterfly, which
// spreads them over the passes after the first. Transforms alone keep the memory idle most of the
// time.
class Ahead {
 public:
  Ahead() = default;
  Ahead(const NextBlock& next, std::size_t frames)
      : samples_(next.samples),
        spectrum_(next.spectrum),
        steps_(next.samples && next.spectrum ? frames / kFrames : 0) {}

  HWY_INLINE void step() {
    if (steps_ == 0) return;
    --steps_;
    for (std::size_t n = 0; n < kFrames; n += kLine) {
      __builtin_prefetch(samples_ + n, 0, 2);
      __builtin_prefetch(spectrum_ + 2 * n, 1, 2);
      __builtin_prefetch(spectrum_ + 2 * n + kLine, 1, 2);
    }
    samples_ += kFrames;
    spectrum_ += 2 * kFrames;
  }

 private:
  static constexpr std::size_t kFrames = 32;
  static constexpr std::size_t kLine = 16;  // floats
  const float* samples_ = nullptr;
  const float* spectrum_ = nullptr;
  std::size_t steps_ = 0;
};

HWY_INLINE Bins<Vector> load_bins(const float* at) {
  return {hn::Load(Tag(), at), hn::Load(Tag(), at + kFftColumns)};
}

HWY_INLINE void store_bins(const Bins<Vector>& bins, float* at) {
  hn::Store(bins.re, Tag(), at);
  hn::Store(bins.im, Tag(), at + kFftColumns);
}

HWY_INLINE Roots<Vector> load_roots(const float* at) {
  return {hn::Load(Tag(), at), hn::Load(Tag(), at + kFftColumns)};
}

HWY_INLINE Roots<Vector> set_roots(const float* at) {
  return {hn::Set(Tag(), at[0]), hn::Set(Tag(), at[1])};
}

// One node: `count` radix-4 butterflies over rows `count` apart.
template <bool kForward>
HWY_INLINE void node4(float* rows, std::size_t count, const float* twiddles, Ahead& ahead) {
  for (std::size_t column = 0; column < kFftColumns; column += kStep) {
    const Roots<Vector> half = load_roots(twiddles + column);
    const Roots<Vector> quarter = load_roots(twiddles + column + kRow);
    const std::size_t stride = count * kRow;
    float* at = rows + column;
    for (float* const end = at + stride; at != end; at += kRow) {
      if constexpr (kForward) ahead.step();
      Bins<Vector> a = load_bins(at), b = load_bins(at + stride), c = load_bins(at + 2 * stride),
                   d = load_bins(at + 3 * stride);
      if constexpr (kForward) {
        split4(a, b, c, d, half, quarter);
      } else {
        merge4(a, b, c, d, half, quarter);
      }
      store_bins(a, at);
      store_bins(b, at + stride);
      store_bins(c, at + 2 * stride);
      store_bins(d, at + 3 * stride);
    }
  }
}

template <bool kForward>
HWY_INLINE void node8(float* rows, std::size_t count, const float* twiddles, Ahead& ahead) {
  for (std::size_t column = 0; column < kFftColumns; column += kStep) {
    const Roots<Vector> half = load_roots(twiddles + column);
    const Roots<Vector> quarter = load_roots(twiddles + column + kRow);
    const Roots<Vector> eighth = load_roots(twiddles + column + 2 * kRow);
    const Roots<Vector> eighth_turned = load_roots(twiddles + column + 3 * kRow);
    const std::size_t stride = count * kRow;
    float* at = rows + column;
    for (float* const end = at + stride; at != end; at += kRow) {
      if constexpr (kForward) ahead.step();
      Bins<Vector> a = load_bins(at), b = load_bins(at + stride), c = load_bins(at + 2 * stride),
                   d = load_bins(at + 3 * stride), e = load_bins(at + 4 * stride),
                   f = load_bins(at + 5 * stride), g = load_bins(at + 6 * stride),
                   h = load_bins(at + 7 * stride);
      if constexpr (kForward) {
        split(a, e, half);
        split(b, f, half);
        split(c, g, half);
        split(d, h, half);
        split(a, c, quarter);
        split(b, d, quarter);
        split_i(e, g, quarter);
        split_i(f, h, quarter);
        split(a, b, eighth);
        split_i(c, d, eighth);
        split(e, f, eighth_turned);
        split_i(g, h, eighth_turned);
      } else {
        merge(a, b, eighth);
        merge_i(c, d, eighth);
        merge(e, f, eighth_turned);
        merge_i(g, h, eighth_turned);
        merge(a, c, quarter);
        merge(b, d, quarter);
        merge_i(e, g, quarter);
        merge_i(f, h, quarter);
        merge(a, e, half);
        merge(b, f, half);
        merge(c, g, half);
        merge(d, h, half);
      }
      store_bins(a, at);
      store_bins(b, at + stride);
      store_bins(c, at + 2 * stride);
      store_bins(d, at + 3 * stride);
      store_bins(e, at + 4 * stride);
      store_bins(f, at + 5 * stride);
      store_bins(g, at + 6 * stride);
      store_bins(h, at + 7 * stride);
    }
  }
}

// Nodes [first, first + nodes) of one pass; `rows` is the first node's first row.
template <bool kForward>
void run_pass(const FftPlan& plan, const FftPass& pass, std::size_t first, std::size_t nodes,
              std::size_t node_rows, float* rows, Ahead& ahead) {
  const float* twiddles = plan.twiddles.get() + pass.first_float + first * pass.node_floats;
  const std::size_t count = node_rows / pass.radix;
  for (std::size_t n = 0; n < nodes; ++n) {
    if (pass.radix == 8) {
      node8<kForward>(rows, count, twiddles, ahead);
    } else {
      node4<kForward>(rows, count, twiddles, ahead);
    }
    rows += node_rows * kRow;
    twiddles += pass.node_floats;
  }
}

void forward_tree(const FftPlan& plan, std::size_t level, std::size_t node, std::size_t node_rows,
                  float* rows, Ahead& ahead) {
  if (node_rows <= kLeafRows) {
    for (std::size_t nodes = 1; level < plan.passes.size(); ++level) {
      const FftPass& pass = plan.passes[level];
      run_pass<true>(plan, pass, node, nodes, node_rows, rows, ahead);
      node *= pass.radix;
      nodes *= pass.radix;
      node_rows /= pass.radix;
    }
    return;
  }
  const FftPass& pass = plan.passes[level];
  run_pass<true>(plan, pass, node, 1, node_rows, rows, ahead);
  const std::size_t child_rows = node_rows / pass.radix;
  for (std::size_t q = 0; q < pass.radix; ++q) {
    forward_tree(plan, level + 1, node * pass.radix + q, child_rows, rows + q * child_rows * kRow,
                 ahead);
  }
}

void inverse_tree(const FftPlan& plan, std::size_t level, std::size_t node, std::size_t node_rows,
                  float* rows) {
  Ahead none;
  const FftPass& pass = plan.passes[level];
  if (node_rows <= kLeafRows) {
    std::size_t nodes = 1;
    for (std::size_t p = level; p + 1 < plan.passes.size(); ++p) nodes *= plan.passes[p].radix;
    for (std::size_t p = plan.passes.size(); p-- > level;) {
      run_pass<false>(plan, plan.passes[p], node * nodes, nodes, node_rows / nodes, rows, none);
      if (p > level) nodes /= plan.passes[p - 1].radix;
    }
    return;
  }
  const std::size_t child_rows = node_rows / pass.radix;
  for (std::size_t q = 0; q < pass.radix; ++q) {
    inverse_tree(plan, level + 1, node * pass.radix + q, child_rows, rows + q * child_rows * kRow);
  }
  run_pass<false>(plan, pass, node, 1, node_rows, rows, none);
}

// The radix-16 pass, 16 positions of all 16 pieces of the block at a time: piece a is block[a·B/16
// …]. Its 16 children become the columns of the rows, which is the one transposition of the
// transform. `mid[4k + q]` holds child k of the outer split, position q of the inner one.
struct Scratch {
  alignas(64) float mid[16][kRow];
  alignas(64) float out[16][kRow];
};

HWY_INLINE void load_pieces(const float* previous, const float* current, std::size_t piece,
                            const float* roots, Scratch& s) {
  for (std::size_t column = 0; column < kFftColumns; column += kStep) {
    const Roots<Vector> half = set_roots(roots), quarter = set_roots(roots + 2);
    for (std::size_t q = 0; q < 4; ++q) {
      const std::size_t at = q * piece + column;
      const auto load = [&](std::size_t n) HWY_ATTR -> Bins<Vector> {
        return {hn::LoadU(Tag(), previous + n), hn::LoadU(Tag(), current + n)};
      };
      Bins<Vector> a = load(at), b = load(at + 4 * piece), c = load(at + 8 * piece),
                   d = load(at + 12 * piece);
      split4(a, b, c, d, half, quarter);
      store_bins(a, s.mid[q] + column);
      store_bins(b, s.mid[4 + q] + column);
      store_bins(c, s.mid[8 + q] + column);
      store_bins(d, s.mid[12 + q] + column);
    }
  }
}

HWY_INLINE void forward_first(const FftPlan& plan, const float* previous, const float* current,
                              float* rows) {
  const float* roots = plan.first_pass.data();
  const std::size_t piece = plan.rows;
  Scratch s;
  for (std::size_t m = 0; m < piece; m += kFftColumns, rows += kFftColumns * kRow) {
    load_pieces(previous + m, current + m, piece, roots, s);
    for (std::size_t column = 0; column < kFftColumns; column += kStep) {
      for (std::size_t k = 0; k < 4; ++k) {
        const Roots<Vector> half = set_roots(roots + 4 + 4 * k);
        const Roots<Vector> quarter = set_roots(roots + 6 + 4 * k);
        Bins<Vector> a = load_bins(s.mid[4 * k] + column), b = load_bins(s.mid[4 * k + 1] + column),
                     c = load_bins(s.mid[4 * k + 2] + column),
                     d = load_bins(s.mid[4 * k + 3] + column);
        split4(a, b, c, d, half, quarter);
        transpose_elements(Tag(), a.re, b.re, c.re, d.re);
        transpose_elements(Tag(), a.im, b.im, c.im, d.im);
        // out[4e + k]: column e of every block.
        store_bins(a, s.out[k] + column);
        store_bins(b, s.out[4 + k] + column);
        store_bins(c, s.out[8 + k] + column);
        store_bins(d, s.out[12 + k] + column);
      }
    }
    gather_tile(s.out[0], rows, kRow);
    gather_tile(s.out[0] + kFftColumns, rows + kFftColumns, kRow);
  }
}

HWY_INLINE void store_pieces(const Scratch& s, const float* roots, std::size_t piece, float* out) {
  for (std::size_t column = 0; column < kFftColumns; column += kStep) {
    const Roots<Vector> half = set_roots(roots), quarter = set_roots(roots + 2);
    for (std::size_t q = 0; q < 4; ++q) {
      Bins<Vector> a = load_bins(s.mid[q] + column), b = load_bins(s.mid[4 + q] + column),
                   c = load_bins(s.mid[8 + q] + column), d = load_bins(s.mid[12 + q] + column);
      merge4(a, b, c, d, half, quarter);
      float* at = out + q * piece + column;  // the real parts are the aliased half
      hn::StoreU(a.im, Tag(), at);
      hn::StoreU(b.im, Tag(), at + 4 * piece);
      hn::StoreU(c.im, Tag(), at + 8 * piece);
      hn::StoreU(d.im, Tag(), at + 12 * piece);
    }
  }
}

HWY_INLINE void inverse_last(const FftPlan& plan, const float* rows, float* out) {
  const float* roots = plan.first_pass.data();
  const std::size_t piece = plan.rows;
  Scratch s;
  for (std::size_t m = 0; m < piece; m += kFftColumns, rows += kFftColumns * kRow) {
    scatter_tile(rows, s.out[0], kRow);
    scatter_tile(rows + kFftColumns, s.out[0] + kFftColumns, kRow);
    for (std::size_t column = 0; column < kFftColumns; column += kStep) {
      for (std::size_t k = 0; k < 4; ++k) {
        const Roots<Vector> half = set_roots(roots + 4 + 4 * k);
        const Roots<Vector> quarter = set_roots(roots + 6 + 4 * k);
        Bins<Vector> a = load_bins(s.out[k] + column), b = load_bins(s.out[4 + k] + column),
                     c = load_bins(s.out[8 + k] + column), d = load_bins(s.out[12 + k] + column);
        transpose_elements(Tag(), a.re, b.re, c.re, d.re);
        transpose_elements(Tag(), a.im, b.im, c.im, d.im);
        merge4(a, b, c, d, half, quarter);
        store_bins(a, s.mid[4 * k] + column);
        store_bins(b, s.mid[4 * k + 1] + column);
        store_bins(c, s.mid[4 * k + 2] + column);
        store_bins(d, s.mid[4 * k + 3] + column);
      }
    }
    store_pieces(s, roots, piece, out + m);
  }
}

void run_forward(const FftPlan& plan, const float* previous, const float* current, float* spectrum,
                 const NextBlock& next) {
  forward_first(plan, previous, current, spectrum);
  Ahead ahead(next, plan.block);
  forward_tree(plan, 0, 0, plan.rows, spectrum, ahead);
}

void run_inverse(const FftPlan& plan, float* spectrum, float* out_block) {
  inverse_tree(plan, 0, 0, plan.rows, spectrum);
  inverse_last(plan, spectrum, out_block);
}

}  // namespace
}  // namespace tutti::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {

HWY_EXPORT(run_forward);
HWY_EXPORT(run_inverse);

BlockTransform::BlockTransform(Frames block_frames) : plan_(make_fft_plan(block_frames)) {}

std::shared_ptr<const BlockTransform> BlockTransform::shared(Frames block_frames) {
  static std::mutex mutex;
  static std::map<Frames, std::weak_ptr<const BlockTransform>> cache;
  const std::lock_guard lock(mutex);
  std::shared_ptr<const BlockTransform> transform = cache[block_frames].lock();
  if (!transform) {
    transform = std::make_shared<BlockTransform>(block_frames);
    cache[block_frames] = transform;
  }
  return transform;
}

void BlockTransform::forward(const float* previous, const float* current, float* spectrum,
                             const NextBlock& next) const {
  HWY_DYNAMIC_DISPATCH(run_forward)(plan_, previous, current, spectrum, next);
}

void BlockTransform::inverse(float* spectrum, float* out_block) const {
  HWY_DYNAMIC_DISPATCH(run_inverse)(plan_, spectrum, out_block);
}

}  // namespace tutti
#endif
