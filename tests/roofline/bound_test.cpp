// SPDX-License-Identifier: Apache-2.0
// What a machine needs at least, by hand.
#include "host/roofline/bound.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/audio/errors.hpp"

namespace tutti::roofline {
namespace {

/// Round figures.
Machine machine() {
  Machine machine;
  machine.memory_bytes_per_s = 1000;
  machine.upload_bytes_per_s = 10;
  machine.download_bytes_per_s = 20;
  machine.float_flops = 200;
  machine.double_flops = 100;
  machine.integer_ops = 50;
  machine.multiprocessors = 4;
  machine.clock_hz = 100;
  return machine;
}

TEST(Bound, OfAKernelIsTheLargestOfItsLimits) {
  // 100 doubles at 50 a second; 16 blocks on 4 processors.
  KernelBound bound =
      bound_of(one_launch(16, 600, 400, {.floats = 100, .doubles = 100}), machine());
  EXPECT_DOUBLE_EQ(bound.memory_s, 1);
  EXPECT_DOUBLE_EQ(bound.operations_s, 2);
  EXPECT_DOUBLE_EQ(bound.few_blocks_s, 0.5);
  EXPECT_DOUBLE_EQ(bound.seconds, 2);
  EXPECT_STREQ(bound.by, "operations");
  // The same in two blocks: half of the machine stands still.
  bound = bound_of(one_launch(2, 600, 400, {.doubles = 100}), machine());
  EXPECT_DOUBLE_EQ(bound.seconds, 4);
  EXPECT_STREQ(bound.by, "few_blocks");
  KernelCost walks = one_launch(1, 0, 0, {});
  walks.serial_cycles = 300;
  EXPECT_DOUBLE_EQ(bound_of(walks, machine()).seconds, 3);
  EXPECT_STREQ(bound_of(walks, machine()).by, "serial");
  EXPECT_STREQ(bound_of(one_launch(4, 9000, 1000, {.integers = 50}), machine()).by, "memory");
}

TEST(Bound, OfMuchIsTheSlowerOfBusAndDevice) {
  Counts counts;
  counts.kernels["a"] = one_launch(16, 500, 500, {});
  counts.kernels["b"] = one_launch(16, 0, 0, {.integers = 100});
  counts.cleared_bytes = 200;
  counts.copied_bytes = 400;  // read and written
  counts.stem_bytes = 70;
  counts.sent_bytes = 10;
  counts.fetched_bytes = 90;
  const Bound bound = bound_of(counts, machine());
  EXPECT_DOUBLE_EQ(bound.kernels_s, 1 + 2 + 1);
  EXPECT_DOUBLE_EQ(bound.upload_s, 8);
  EXPECT_DOUBLE_EQ(bound.download_s, 4.5);
  EXPECT_DOUBLE_EQ(bound.device_s, 5);  // what is sent goes between the kernels
  EXPECT_DOUBLE_EQ(bound.seconds, 8);
  EXPECT_STREQ(bound.by, "upload");
  counts.stem_bytes = 0;
  Bound all = bound_of(counts, machine()).times(3);
  EXPECT_DOUBLE_EQ(all.seconds, 15);
  all += bound;
  EXPECT_DOUBLE_EQ(all.seconds, 23);
  EXPECT_STREQ(all.by, "device");
}

class MachineFile : public ::testing::Test {
 protected:
  Machine read(const std::string& text) {
    std::ofstream(path_) << text;
    return machine_of(path_);
  }
  ~MachineFile() override { std::filesystem::remove(path_); }
  std::string path_ = (std::filesystem::temp_directory_path() /
                       ("tutti-machine-" + std::to_string(::getpid()) + ".json"));
};

TEST_F(MachineFile, ReplacesFiguresOfAKnownMachine) {
  const Machine own = read(R"({"base": "h100", "name": "ours", "upload_bytes_per_s": 24e9,
                               "sources": {"upload_bytes_per_s": "probe.json"}})");
  EXPECT_EQ(own.name, "ours");
  EXPECT_DOUBLE_EQ(own.upload_bytes_per_s, 24e9);
  EXPECT_EQ(own.sources.at("upload_bytes_per_s"), "probe.json");
  EXPECT_DOUBLE_EQ(own.memory_bytes_per_s, machine_of("h100").memory_bytes_per_s);
  EXPECT_GT(machine_of("h200").memory_bytes_per_s, own.memory_bytes_per_s);
}

TEST_F(MachineFile, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW(read(R"({"memory": 1})"), IoError);
  EXPECT_THROW(read(R"({"memory_bytes": "much"})"), IoError);
  EXPECT_THROW(read(R"({"memory_bytes": -1})"), IoError);
  EXPECT_THROW(read(R"({"base": "abacus"})"), IoError);
  EXPECT_THROW(read("[]"), IoError);
  EXPECT_THROW(read("{"), IoError);
  EXPECT_THROW(machine_of("/nowhere.json"), IoError);
}

TEST_F(MachineFile, EveryKnownFigureHasASource) {
  for (const std::string& name : machine_names())
    EXPECT_EQ(machine_of(name).sources.size(), 9u) << name;
}

}  // namespace
}  // namespace tutti::roofline
