// SPDX-License-Identifier: Apache-2.0
// Memory of cudaMallocAsync, which is only there in the order of its stream.
#include "tests/emulation/selftest/planted.hpp"

namespace tutti::cuda {
namespace {

__global__ void fill(float* out, float value, unsigned count) {
  if (threadIdx.x < count) out[threadIdx.x] = value;
}

// Reaches its target through a table, where no one can see the pointer in the arguments.
__global__ void fill_through_table(float* const* table, float value, unsigned count) {
  if (threadIdx.x < count) table[0][threadIdx.x] = value;
}

std::vector<float> allocate_here_use_there(bool with_event) {
  const Stream owner;
  const Stream user;
  const Event allocated;
  const Event used;
  const DeviceBuffer<float> memory(owner, 32);
  allocated.record(owner);
  if (with_event) user.wait(allocated);
  launch(fill, 1, 32, 0, user, memory.data(), 1.0F, 32U);
  std::vector<float> result = host_copy(user, memory.span());
  used.record(user);
  owner.wait(used);
  return result;
}

std::vector<float> free_while_others_use() {
  const Stream owner;
  const Stream user;
  {
    const DeviceBuffer<float> memory(owner, 32);
    owner.synchronize();
    launch(fill, 1, 32, 0, user, memory.data(), 1.0F, 32U);
  }
  user.synchronize();
  return {};
}

std::vector<float> use_after_free_in_stream() {
  const Stream stream;
  float* gone = nullptr;
  {
    const DeviceBuffer<float> memory(stream, 32);
    gone = memory.data();
  }
  launch(fill, 1, 32, 0, stream, gone, 1.0F, 32U);
  stream.synchronize();
  return {};
}

std::vector<float> use_after_free_through_table() {
  const Stream stream;
  DeviceBuffer<float*> table;
  {
    const DeviceBuffer<float> memory(stream, 32);
    table = device_copy(stream, std::vector<float*>{memory.data()});
  }
  launch(fill_through_table, 1, 32, 0, stream, table.data(), 1.0F, 32U);
  stream.synchronize();
  return {};
}

}  // namespace

std::vector<Planted> planted_stream_memory() {
  return {
      {"RightAllocationInAnotherStream", 0, [] { return allocate_here_use_there(true); }},
      {"AllocationNotAwaited", kEveryBuild, [] { return allocate_here_use_there(false); }},
      {"FreedWhileAnotherStreamUsesIt", kEveryBuild, free_while_others_use},
      {"UseAfterFreeInStream", kEveryBuild, use_after_free_in_stream},
      {"UseAfterFreeThroughTable", kPlainBuild | kAddressBuild, use_after_free_through_table},
  };
}

}  // namespace tutti::cuda
