// SPDX-License-Identifier: Apache-2.0
// The orders in which the emulation lets threads and blocks run: a race changes the result.
#pragma once

#include <cuda_runtime.h>

#include <array>

namespace tutti::test {

/// `body(name)` under each order; the usual one holds afterwards.
template <class Body>
void under_every_schedule([[maybe_unused]] Body body) {
#ifdef TUTTI_CUDA_EMULATED
  using cudacpu::Order;
  constexpr std::array kOrders = {std::pair{Order::Forward, "forward"},
                                  std::pair{Order::Reverse, "reverse"},
                                  std::pair{Order::Random, "random"}};
  for (const auto& [order, name] : kOrders) {
    cudacpu::set_order(order, 7);
    body(name);
  }
  cudacpu::set_order(Order::Forward);
#else
  body("the device's");
#endif
}

}  // namespace tutti::test
