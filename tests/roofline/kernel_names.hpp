// SPDX-License-Identifier: Apache-2.0
// Which kernel a predicted one is, by what its signature begins with.
#pragma once

#include <string>
#include <utility>

namespace tutti::test {

inline std::string without(std::string text, const std::string& part) {
  for (std::size_t at; (at = text.find(part)) != std::string::npos;) text.erase(at, part.size());
  return text;
}

/// "unit.kernel" of a signature, or the signature.
inline std::string kernel_key(std::string signature) {
  for (const char* part : {"(anonymous namespace)::", "tutti::cuda::", "void "})
    signature = without(std::move(signature), part);
  constexpr std::pair<const char*, const char*> kKeys[] = {
      {"unpack_kernel(UnpackList", "unpack"},
      {"copy_kernel(", "lane_copy"},
      {"map_kernel(", "biquad.map"},
      {"filter_kernel<false>(", "biquad.filter"},
      {"filter_kernel<true>(", "biquad.filter_moving"},
      {"gain_kernel(", "gain"},
      {"compressor_kernel<", "compressor"},
      {"expander_kernel(", "expander"},
      {"gate_kernel(", "gate"},
      {"mix_kernel<", "mix"},
      {"sum_kernel<", "sum"},
      {"append_kernel(", "ring.append"},
      {"move_kernel<", "ring.move"},
      {"pack_windows_kernel(", "convolver.pack"},
      {"pack_taps_kernel(", "convolver.pack_taps"},
      {"cufftExecC2C", "convolver.transform"},
      {"multiply_kernel<", "convolver.products"},
      {"keep_kernel(", "convolver.keep"},
      {"add_kernel(float2", "convolver.add"},
      {"unpack_kernel(float2", "convolver.unpack"},
      {"direct_kernel<Echo>", "delay"},
      {"short_delay_kernel<Echo>", "delay"},
      {"long_delay_kernel<Echo>", "delay"},
      {"direct_kernel<Shift>", "alignment"},
      {"short_delay_kernel<Shift>", "alignment"},
      {"long_delay_kernel<Shift>", "alignment"},
      {"gains_kernel(", "stereo.gains"},
      {"chunk_ends_kernel(", "stereo.ends"},
      {"filter_kernel(SideFilter", "stereo.filter"},
      {"scan_kernel(", "loudness.scan"},
      {"energy_kernel(", "loudness.energy"},
      {"bin_kernel(", "loudness.bins"},
      {"sample_kernel(", "true_peak.samples"},
      {"peak_kernel(", "true_peak.peaks"},
      {"span_kernel(", "statistics.spans"},
      {"add_kernel(double", "statistics.add"},
      {"needed_kernel(", "limiter.needed"},
      {"hold_kernel(", "limiter.hold"},
      {"sum_kernel(double", "limiter.sum"},
      {"chunk_kernel(", "limiter.chunks"},
      {"apply_kernel(", "limiter.apply"},
      {"round_kernel(", "pack.round"},
      {"shape_kernel(", "pack.shape"},
      {"bits_kernel(", "pack.bits"},
      {"pack_kernel(", "pack"}};
  for (const auto& [beginning, key] : kKeys)
    if (signature.starts_with(beginning)) return key;
  return signature;
}

}  // namespace tutti::test
