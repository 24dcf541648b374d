// SPDX-License-Identifier: Apache-2.0
// The main function of kernel tests: a test that ends with more than it began with has failed.
#include <gtest/gtest.h>

#include <cuda_runtime.h>

namespace {

#ifdef TUTTI_CUDA_EMULATED
void PrintHoldings(const cudacpu::Holdings& now, std::ostream& out) {
  out << now.device_allocations << " device allocations (" << now.device_bytes << " bytes), "
      << now.pinned_allocations << " pinned, " << now.streams << " streams, " << now.events
      << " events, " << now.graphs << " graphs, " << now.fft_plans << " FFT plans";
}

class LeakCheck : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo&) override {
    static_cast<void>(cudaDeviceSynchronize());
    before_ = cudacpu::holdings();
  }
  void OnTestEnd(const testing::TestInfo&) override {
    static_cast<void>(cudaDeviceSynchronize());
    const cudacpu::Holdings after = cudacpu::holdings();
    if (after == before_) return;
    std::ostringstream text;
    PrintHoldings(before_, text);
    text << "; now ";
    PrintHoldings(after, text);
    ADD_FAILURE() << "the test leaks: before " << text.str();
  }

  cudacpu::Holdings before_;
};
#endif

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
#ifdef TUTTI_CUDA_EMULATED
  testing::UnitTest::GetInstance()->listeners().Append(new LeakCheck);
#endif
  return RUN_ALL_TESTS();
}
