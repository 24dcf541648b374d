// SPDX-License-Identifier: Apache-2.0
// The table of kernels/README.md is what the program says.
#include "host/roofline/unit_table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace tutti::roofline {
namespace {

TEST(UnitTable, StandsInTheReadmeOfTheKernels) {
  std::ifstream file(TUTTI_SOURCE_DIR "/kernels/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(readme.empty());
  EXPECT_NE(readme.find("\n" + unit_cost_table()), std::string::npos)
      << "kernels/README.md should have this table:\n"
      << unit_cost_table();
}

}  // namespace
}  // namespace tutti::roofline
