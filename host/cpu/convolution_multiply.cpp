// SPDX-License-Identifier: Apache-2.0
// The sums of products, over chunks of bins that keep every operand of a batch in the caches.
#include <algorithm>
#include <array>
#include <vector>

#include "host/cpu/convolution.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/convolution_multiply.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

#ifndef TUTTI_HOST_CPU_CONVOLUTION_MULTIPLY_ONCE
#define TUTTI_HOST_CPU_CONVOLUTION_MULTIPLY_ONCE
namespace tutti {

// A register tile: the sums of up to 2 outputs × 4 blocks stay in registers over all sources and
// partitions. Silence is read from a chunk of zeros: 0·h changes no sum.
inline constexpr int kMaxTileOutputs = 2;
inline constexpr int kMaxTileBlocks = 4;

struct Product {
  std::array<const float*, kMaxTileOutputs> impulse;
  std::array<const float*, kMaxTileBlocks> source;
};

struct ProductTile {
  int outputs = 0, blocks = 0;
  std::size_t rows = 0;
  std::span<const Product> products;
  /// Fetched for the next chunk, row by row: too many streams for a hardware prefetcher to follow.
  std::span<const float* const> ahead;
  std::array<std::array<const float*, kMaxTileBlocks>, kMaxTileOutputs> from;
  std::array<std::array<float*, kMaxTileBlocks>, kMaxTileOutputs> to;
};

}  // namespace tutti
#endif

HWY_BEFORE_NAMESPACE();
namespace tutti::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kFftColumns>;
using Vector = hn::Vec<Tag>;

// Blocks [first, first + kBlocks) of the tile.
template <int kOutputs, int kBlocks>
void multiply(const ProductTile& tile, int first) {
  const Tag d;
  for (std::size_t column = 0; column < kFftColumns; column += hn::MaxLanes(d)) {
    const std::size_t end = column + tile.rows * kFftRowFloats;
    for (std::size_t at = column; at != end; at += kFftRowFloats) {
      for (const float* stream : tile.ahead) {
        __builtin_prefetch(stream + at, 0, 2);
        __builtin_prefetch(stream + at + kFftColumns, 0, 2);
      }
      Vector re[kOutputs][kBlocks], im[kOutputs][kBlocks];
      for (int o = 0; o < kOutputs; ++o) {
        for (int k = 0; k < kBlocks; ++k) {
          re[o][k] = hn::Load(d, tile.from[o][first + k] + at);
          im[o][k] = hn::Load(d, tile.from[o][first + k] + at + kFftColumns);
        }
      }
      for (const Product& product : tile.products) {
        Vector h_re[kOutputs], h_im[kOutputs];
        for (int o = 0; o < kOutputs; ++o) {
          h_re[o] = hn::Load(d, product.impulse[o] + at);
          h_im[o] = hn::Load(d, product.impulse[o] + at + kFftColumns);
        }
        for (int k = 0; k < kBlocks; ++k) {
          const Vector x_re = hn::Load(d, product.source[first + k] + at);
          const Vector x_im = hn::Load(d, product.source[first + k] + at + kFftColumns);
          for (int o = 0; o < kOutputs; ++o) {
            re[o][k] = hn::NegMulAdd(x_im, h_im[o], hn::MulAdd(x_re, h_re[o], re[o][k]));
            im[o][k] = hn::MulAdd(x_im, h_re[o], hn::MulAdd(x_re, h_im[o], im[o][k]));
          }
        }
      }
      for (int o = 0; o < kOutputs; ++o) {
        for (int k = 0; k < kBlocks; ++k) {
          hn::Store(re[o][k], d, tile.to[o][first + k] + at);
          hn::Store(im[o][k], d, tile.to[o][first + k] + at + kFftColumns);
        }
      }
    }
  }
}

template <int kOutputs>
void multiply_blocks(const ProductTile& tile) {
  int first = 0;
#if HWY_TARGET <= HWY_AVX3  // 32 registers: 16 sums, 4 impulse parts, 2 source parts
  for (; first + 4 <= tile.blocks; first += 4) multiply<kOutputs, 4>(tile, first);
#endif
  for (; first + 2 <= tile.blocks; first += 2) multiply<kOutputs, 2>(tile, first);
  for (; first < tile.blocks; ++first) multiply<kOutputs, 1>(tile, first);
}

void multiply_tile(const ProductTile& tile) {
  if (tile.outputs == 2) {
    multiply_blocks<2>(tile);
  } else {
    multiply_blocks<1>(tile);
  }
}

}  // namespace
}  // namespace tutti::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {
namespace {

HWY_EXPORT(multiply_tile);

// Rows of a chunk: every stream is read 2 KiB at a time. A batch of four sources of three
// partitions in tiles of eight blocks is 80 streams; two chunks of it take a third of a
// second-level cache of 1 MiB.
constexpr std::size_t kChunkRows = 16;
constexpr std::size_t kChunkFloats = kChunkRows * kFftRowFloats;

alignas(kAlignmentBytes) constexpr float kSilence[kChunkFloats] = {};

const float* at_row(const float* spectrum, std::size_t row) {
  return spectrum ? spectrum + row * kFftRowFloats : kSilence;
}

const float* source_spectrum(const SourceTile& tile, int block) {
  return block < -tile.history_count() ? nullptr : tile.spectra()[block];
}

// The products of one term with partition p that reach the register tile at (output, block); false
// if all of them are silent.
bool gather_product(const SourceTerm& term, int p, int output, int block, std::size_t row,
                    const ProductTile& tile, Product& product) {
  bool impulse = false, source = false;
  for (int o = 0; o < tile.outputs; ++o) {
    const ImpulseSpectra* spectra = term.impulses[output + o];
    const float* partition = spectra ? spectra->partition(p) : nullptr;
    impulse = impulse || partition;
    product.impulse[o] = at_row(partition, row);
  }
  if (!impulse) return false;
  for (int k = 0; k < tile.blocks; ++k) {
    const float* spectrum = source_spectrum(*term.tile, block + k - p);
    source = source || spectrum;
    product.source[k] = at_row(spectrum, row);
  }
  return source;
}

void gather_products(std::span<const SourceTerm> terms, int output, int block, std::size_t row,
                     const ProductTile& tile, std::vector<Product>& products) {
  products.clear();
  for (const SourceTerm& term : terms) {
    int end = 0;
    for (int o = 0; o < tile.outputs; ++o) {
      const ImpulseSpectra* spectra = term.impulses[output + o];
      end = std::max(end, spectra ? spectra->end() : 0);
    }
    for (int p = 0; p < end; ++p) {
      Product product;
      if (gather_product(term, p, output, block, row, tile, product)) products.push_back(product);
    }
  }
}

// Everything that a chunk reads, from row 0.
std::vector<const float*> all_streams(SpectrumSum& sum, std::span<const SourceTerm> terms) {
  std::vector<const float*> streams;
  const auto add = [&streams](const float* spectrum) {
    if (spectrum) streams.push_back(spectrum);
  };
  for (const SourceTerm& term : terms) {
    for (const ImpulseSpectra* impulse : term.impulses) {
      for (int p = 0; impulse && p < impulse->end(); ++p) add(impulse->partition(p));
    }
    const SourceTile& tile = *term.tile;
    for (int k = -tile.history_count(); k < tile.blocks(); ++k) add(tile.spectra()[k]);
  }
  for (int o = 0; o < sum.outputs(); ++o) {
    for (int k = 0; k < sum.blocks(); ++k) add(sum.data(o, k));
  }
  return streams;
}

// One chunk of bins: `rows` rows from `row`.
struct Chunk {
  std::size_t row = 0, rows = 0;
  std::span<const float* const> ahead;
};

void add_tile(SpectrumSum& sum, std::span<const SourceTerm> terms, int output, int block,
              const Chunk& chunk, std::vector<Product>& products) {
  ProductTile tile;
  tile.outputs = std::min(kMaxTileOutputs, sum.outputs() - output);
  tile.blocks = std::min(kMaxTileBlocks, sum.blocks() - block);
  tile.rows = chunk.rows;
  tile.ahead = chunk.ahead;
  gather_products(terms, output, block, chunk.row, tile, products);
  if (products.empty()) return;
  tile.products = products;
  for (int o = 0; o < tile.outputs; ++o) {
    for (int k = 0; k < tile.blocks; ++k) {
      float* const to = sum.data(output + o, block + k) + chunk.row * kFftRowFloats;
      tile.to[o][k] = to;
      tile.from[o][k] = sum.silent(output + o, block + k) ? kSilence : to;
    }
  }
  HWY_DYNAMIC_DISPATCH(multiply_tile)(tile);
}

}  // namespace

void multiply_accumulate_rows(SpectrumSum& sum, std::span<const SourceTerm> terms,
                              std::size_t first_row, std::size_t end_row) {
  std::vector<Product> products;
  const std::vector<const float*> streams = all_streams(sum, terms);
  std::vector<const float*> ahead;
  const int block_tiles = (sum.blocks() + kMaxTileBlocks - 1) / kMaxTileBlocks;
  const int output_tiles = (sum.outputs() + kMaxTileOutputs - 1) / kMaxTileOutputs;
  const std::size_t tiles = static_cast<std::size_t>(block_tiles * output_tiles);
  for (std::size_t row = first_row; row < end_row; row += kChunkRows) {
    Chunk chunk{row, std::min(kChunkRows, end_row - row), {}};
    ahead.clear();
    if (row + 2 * kChunkRows <= end_row) {
      for (const float* stream : streams) ahead.push_back(at_row(stream, row + kChunkRows));
    }
    for (std::size_t t = 0; t < tiles; ++t) {
      // Each register tile fetches its share.
      const std::size_t begin = t * ahead.size() / tiles, end = (t + 1) * ahead.size() / tiles;
      chunk.ahead = std::span<const float* const>(ahead).subspan(begin, end - begin);
      const int tile = static_cast<int>(t);
      add_tile(sum, terms, tile / block_tiles * kMaxTileOutputs,
               tile % block_tiles * kMaxTileBlocks, chunk, products);
    }
  }
}

void SpectrumSum::mark(std::span<const SourceTerm> terms) {
  for (const SourceTerm& term : terms) {
    for (int output = 0; output < outputs_; ++output) {
      const ImpulseSpectra* spectra = term.impulses[output];
      for (int p = 0; spectra && p < spectra->end(); ++p) {
        if (!spectra->partition(p)) continue;
        for (int block = 0; block < blocks_; ++block) {
          if (source_spectrum(*term.tile, block - p)) silent_[index(output, block)] = 0;
        }
      }
    }
  }
}

void multiply_accumulate(SpectrumSum& sum, std::span<const SourceTerm> terms) {
  multiply_accumulate_rows(sum, terms, 0, sum.transform()->spectrum_floats() / kFftRowFloats);
  sum.mark(terms);
}

}  // namespace tutti
#endif
