// SPDX-License-Identifier: Apache-2.0
#include "context.hpp"

#include <cstddef>

// Only the registers that a call preserves: everything else the compiler has saved already.
#if defined(__x86_64__)

asm(R"(.text
.globl cudacpu_switch
.hidden cudacpu_switch
.type cudacpu_switch,@function
cudacpu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size cudacpu_switch,.-cudacpu_switch
)");

namespace cudacpu {

void* new_context(char* top, void (*entry)()) {
  constexpr int kSavedRegisters = 6;
  void** slot = reinterpret_cast<void**>(top);
  *--slot = nullptr;  // as if called: the stack is off by one return address
  *--slot = reinterpret_cast<void*>(entry);
  for (int i = 0; i < kSavedRegisters; ++i) *--slot = nullptr;
  return slot;
}

}  // namespace cudacpu

#elif defined(__aarch64__)

asm(R"(.text
.globl cudacpu_switch
.hidden cudacpu_switch
.type cudacpu_switch,%function
cudacpu_switch:
  sub sp,sp,#160
  stp x19,x20,[sp,#0]
  stp x21,x22,[sp,#16]
  stp x23,x24,[sp,#32]
  stp x25,x26,[sp,#48]
  stp x27,x28,[sp,#64]
  stp x29,x30,[sp,#80]
  stp d8,d9,[sp,#96]
  stp d10,d11,[sp,#112]
  stp d12,d13,[sp,#128]
  stp d14,d15,[sp,#144]
  mov x9,sp
  str x9,[x0]
  mov sp,x1
  ldp x19,x20,[sp,#0]
  ldp x21,x22,[sp,#16]
  ldp x23,x24,[sp,#32]
  ldp x25,x26,[sp,#48]
  ldp x27,x28,[sp,#64]
  ldp x29,x30,[sp,#80]
  ldp d8,d9,[sp,#96]
  ldp d10,d11,[sp,#112]
  ldp d12,d13,[sp,#128]
  ldp d14,d15,[sp,#144]
  add sp,sp,#160
  ret
)");

namespace cudacpu {

void* new_context(char* top, void (*entry)()) {
  constexpr std::size_t kFrameBytes = 160;
  constexpr std::size_t kLinkRegister = 11;
  void** frame = reinterpret_cast<void**>(top - kFrameBytes);
  for (std::size_t i = 0; i < kFrameBytes / sizeof(void*); ++i) frame[i] = nullptr;
  frame[kLinkRegister] = reinterpret_cast<void*>(entry);
  return frame;
}

}  // namespace cudacpu

#else
#error "add a context switch for this architecture"
#endif
