// SPDX-License-Identifier: Apache-2.0
// What an output's file name says: the container and what it holds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/session/model.hpp"

namespace tutti {

/// The file of one strip: `{name}` replaced by the strip's name, whose slashes become `_`.
std::string output_file_name(std::string_view pattern, std::string_view strip_name);

/// Why the container that the extension names can not hold that (a clause for a message), or "".
/// `bit_depth` is empty where the output does not ask for one.
struct ContainerProblem {
  enum class Field { none, file, bit_depth, sample_rate } field = Field::none;
  std::string message, hint;
};
ContainerProblem container_problem(std::string_view file, std::optional<SampleFormat> bit_depth,
                                   double sample_rate_hz);

/// What an output is stored as: what it says, else what its preset does, else 24 bit.
SampleFormat sample_format_of(const OutputSpec& output);

/// Why few programs can decode such a file, though its container holds it; `none`: most can.
ContainerProblem decoding_problem(std::string_view file, SampleFormat format);

}  // namespace tutti
