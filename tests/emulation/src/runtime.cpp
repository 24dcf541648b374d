// SPDX-License-Identifier: Apache-2.0
// cudacpu runtime: threads of a block as fibers, memory with checks, streams as lazy queues.
// Test-only.
#include <cxxabi.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <deque>
#include <mutex>
#include <random>
#include <vector>
#include "cuda_runtime.h"
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define CC_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define CC_ASAN 0
#endif
#ifdef CUDACPU_TSAN  // this file itself is compiled without -fsanitize=thread; the definition comes
                     // from the build
#define CC_TSAN 1
extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned);
void __tsan_destroy_fiber(void*);
void __tsan_switch_to_fiber(void*, unsigned);
void __tsan_set_fiber_name(void*, const char*);
void __tsan_acquire(void*);
void __tsan_release(void*);
void __tsan_java_init(unsigned long, unsigned long);
void __tsan_java_alloc(unsigned long, unsigned long);
void __tsan_java_free(unsigned long, unsigned long);
}
#else
#define CC_TSAN 0
#endif
#if __has_feature(memory_sanitizer)
#define CC_MSAN 1
#include <sanitizer/msan_interface.h>
#else
#define CC_MSAN 0
#endif
#define CC_PLAIN (!CC_ASAN && !CC_TSAN && !CC_MSAN)

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

// ================================================================ context switch
extern "C" void cudacpu_switch(void** save_sp, void* to_sp);
#if defined(__x86_64__)
asm(R"(.text
.globl cudacpu_switch
.type cudacpu_switch,@function
cudacpu_switch:
  pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp
  ret
.size cudacpu_switch,.-cudacpu_switch
)");
static void* make_context(
    char* top, void (*fn)()) {  // 16-byte aligned top; at entry %rsp % 16 == 8 as after a call
  void** s = (void**)top;
  *--s = nullptr;
  *--s = (void*)fn;
  for (int i = 0; i < 6; i++) *--s = nullptr;
  return s;
}
#elif defined(__aarch64__)
asm(R"(.text
.globl cudacpu_switch
.type cudacpu_switch,%function
cudacpu_switch:
  sub sp,sp,#160
  stp x19,x20,[sp,#0]; stp x21,x22,[sp,#16]; stp x23,x24,[sp,#32]; stp x25,x26,[sp,#48]; stp x27,x28,[sp,#64]; stp x29,x30,[sp,#80]
  stp d8,d9,[sp,#96]; stp d10,d11,[sp,#112]; stp d12,d13,[sp,#128]; stp d14,d15,[sp,#144]
  mov x9,sp; str x9,[x0]; mov sp,x1
  ldp x19,x20,[sp,#0]; ldp x21,x22,[sp,#16]; ldp x23,x24,[sp,#32]; ldp x25,x26,[sp,#48]; ldp x27,x28,[sp,#64]; ldp x29,x30,[sp,#80]
  ldp d8,d9,[sp,#96]; ldp d10,d11,[sp,#112]; ldp d12,d13,[sp,#128]; ldp d14,d15,[sp,#144]
  add sp,sp,#160
  ret
)");
static void* make_context(char* top, void (*fn)()) {
  void** s = (void**)(top - 160);
  for (int i = 0; i < 20; i++) s[i] = nullptr;
  s[11] = (void*)fn;
  return s;
}
#else
#error "add a context switch for this architecture"
#endif

namespace cudacpu {
// ================================================================ state
static std::recursive_mutex mu;
static bool abort_on_error = true;
static std::string report_;
static cudaError_t last_error = cudaSuccess;
static Order order_mode = Order::Forward;
static Streams stream_mode = Streams::Eager;
static std::mt19937 order_rng(1), stream_rng(1);
static size_t mem_limit = SIZE_MAX, mem_used = 0;
static Stats stats_;
Stats& stats() { return stats_; }
void set_order(Order o, unsigned seed) {
  order_mode = o;
  order_rng.seed(seed);
}
void set_streams(Streams s, unsigned seed) {
  cudaDeviceSynchronize();
  stream_mode = s;
  stream_rng.seed(seed);
}
void set_memory_limit(size_t n) { mem_limit = n; }
void set_abort_on_error(bool b) { abort_on_error = b; }
std::string take_report() {
  auto r = std::move(report_);
  report_.clear();
  return r;
}
static bool in_kernel;
static std::string kernel_label();
cudaError_t fail(cudaError_t e, std::string msg) {
  std::string m = std::string("cudacpu: ") + cudaGetErrorName(e) + ": " +
                  (in_kernel ? "kernel " + kernel_label() + ": " : "") + msg + "\n";
  last_error = e;
  report_ += m;
  if (abort_on_error) {
    std::fputs(m.c_str(), stderr);
    std::abort();
  }
  return e;
}
static std::string at(const char* f, int l) {
  return std::string(f ? f : "?") + ":" + std::to_string(l);
}

// ================================================================ memory
struct Alloc {
  size_t size;
  Mem kind;
  char* map;
  size_t map_len;
};
static std::vector<std::pair<uintptr_t, Alloc>>
    allocs;  // sorted; a vector because MSan cannot see into libstdc++'s tree code
static const size_t PAGE = 4096;
static auto at_or_after(uintptr_t a) {
  return std::lower_bound(allocs.begin(), allocs.end(), a,
                          [](auto& x, uintptr_t v) { return x.first < v; });
}
static Alloc* find(const void* p, size_t bytes) {
  auto a = (uintptr_t)p;
  auto it = at_or_after(a + 1);
  if (it == allocs.begin()) return nullptr;
  --it;
  return a + bytes <= it->first + it->second.size ? &it->second : nullptr;
}
static auto find_exact(void* p) {
  auto it = at_or_after((uintptr_t)p);
  return it != allocs.end() && it->first == (uintptr_t)p ? it : allocs.end();
}
bool is_device_ptr(const void* p, size_t n, bool pinned_ok) {
  std::lock_guard l(mu);
  auto* a = find(p, n);
  return a && (pinned_ok || a->kind != Mem::Pinned);
}
// While host code runs, device memory is inaccessible (plain build): a host access of a device
// pointer traps.
static int access_depth = 0;
struct DeviceAccess {
  static void all(int prot) {
    if (CC_PLAIN)
      for (auto& [p, a] : allocs)
        if (a.kind == Mem::Device) mprotect(a.map + PAGE, a.map_len - 2 * PAGE, prot);
  }
  DeviceAccess() {
    if (access_depth++ == 0) all(PROT_READ | PROT_WRITE);
  }
  ~DeviceAccess() {
    if (--access_depth == 0) all(PROT_NONE);
  }
};
__attribute__((no_sanitize("address"), noinline)) static void poison(void* p, size_t n) {
#if CC_MSAN
  __msan_poison(p, n);
#elif CC_ASAN || CC_TSAN  // not memset, which the sanitizers watch: shared sections hold red zones
  volatile unsigned char* c = (volatile unsigned char*)p;
  for (size_t i = 0; i < n; i++) c[i] = 0xff;
#else
  std::memset(p, 0xff, n);
#endif
}
cudaError_t alloc(void** out, size_t n, Mem kind, const char* f, int l) {
  std::lock_guard lock(mu);
  if (!out) return fail(cudaErrorInvalidValue, "allocation into a null pointer at " + at(f, l));
  *out = nullptr;
  if (n == 0) return cudaSuccess;
  if (kind == Mem::Device && (n > mem_limit || mem_used + n > mem_limit))
    return last_error = cudaErrorMemoryAllocation;  // quiet: a tested path
  Alloc a{n, kind, nullptr, 0};
  char* p;
  if (CC_PLAIN) {  // guard pages on both sides, data against the upper one (16-byte granularity),
                   // canary in the slack
    size_t body = (n + PAGE - 1) / PAGE * PAGE;
    a.map_len = body + 2 * PAGE;
    a.map = (char*)mmap(nullptr, a.map_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                        -1, 0);
    if (a.map == MAP_FAILED) return last_error = cudaErrorMemoryAllocation;
    mprotect(a.map + PAGE, body, PROT_READ | PROT_WRITE);
    p = a.map + PAGE + body - (n + 15) / 16 * 16;
    poison(a.map + PAGE, body);
    if (kind == Mem::Device && !access_depth) mprotect(a.map + PAGE, body, PROT_NONE);
  } else {
    if (posix_memalign((void**)&p, 256, n)) return last_error = cudaErrorMemoryAllocation;
    poison(p, n);
  }
  if (kind == Mem::Device) mem_used += n;
  allocs.insert(at_or_after((uintptr_t)p), {(uintptr_t)p, a});
  *out = p;
  return cudaSuccess;
}
cudaError_t release(void* p, Mem kind, const char* f, int l) {
  std::lock_guard lock(mu);
  if (!p) return cudaSuccess;
  cudaDeviceSynchronize();
  auto it = find_exact(p);
  if (it == allocs.end() || (it->second.kind == Mem::Pinned) != (kind == Mem::Pinned))
    return fail(cudaErrorInvalidValue,
                "free of a pointer that is not a live allocation of that kind at " + at(f, l));
  Alloc a = it->second;
  if (a.kind == Mem::Device) mem_used -= a.size;
  bool bad = false;
  if (CC_PLAIN) {
    DeviceAccess acc;
    for (size_t i = a.size; i < (a.size + 15) / 16 * 16; i++) bad |= ((unsigned char*)p)[i] != 0xff;
    for (char* c = a.map + PAGE; c < (char*)p; c++) bad |= *(unsigned char*)c != 0xff;
    munmap(a.map, a.map_len);
    allocs.erase(it);
  } else {
    free(p);
    allocs.erase(it);
  }
  return bad ? fail(cudaErrorIllegalAddress, "write outside an allocation of " +
                                                 std::to_string(a.size) +
                                                 " bytes, found at its free at " + at(f, l))
             : cudaSuccess;
}

// ================================================================ streams: queues of closures, run
// as late as the mode says
struct Item {
  std::function<void()> fn;
  std::vector<std::pair<CUstream_st*, unsigned long long>> deps;
};
}  // namespace cudacpu
struct CUstream_st {
  std::deque<cudacpu::Item> q;
  unsigned long long enq = 0, done = 0;
  bool nonblocking = false;
};
struct CUevent_st {
  CUstream_st* s = nullptr;
  unsigned long long seq = 0;
  std::chrono::steady_clock::time_point t;
};
namespace cudacpu {
static CUstream_st default_stream;
static std::vector<CUstream_st*> streams_{&default_stream};
static CUstream_st* S(cudaStream_t s) { return s && s != cudaStreamLegacy ? s : &default_stream; }
static void drain(CUstream_st* s, unsigned long long upto) {
  while (s->done < upto) {
    Item it = std::move(s->q.front());
    s->q.pop_front();
    for (auto& [d, n] : it.deps) drain(d, n);
    it.fn();
    s->done++;
  }
}
cudaError_t enqueue(cudaStream_t st, std::function<void()> fn, bool device_access) {
  std::lock_guard lock(mu);
  auto* s = S(st);
  Item it;
  if (std::find(streams_.begin(), streams_.end(), s) == streams_.end())
    return fail(cudaErrorInvalidResourceHandle, "unknown or destroyed stream");
  if (s == &default_stream) {
    for (auto* o : streams_)
      if (o != s && !o->nonblocking) it.deps.push_back({o, o->enq});
  } else if (!s->nonblocking)
    it.deps.push_back({&default_stream, default_stream.enq});
  if (device_access)
    it.fn = [fn = std::move(fn)] {
      DeviceAccess a;
      fn();
    };
  else
    it.fn = std::move(fn);
  s->q.push_back(std::move(it));
  s->enq++;
  if (stream_mode == Streams::Eager)
    drain(s, s->enq);
  else if (stream_mode == Streams::Random)
    while (stream_rng() % 2) {
      auto* r = streams_[stream_rng() % streams_.size()];
      if (r->done < r->enq) drain(r, r->done + 1);
    }
  return cudaSuccess;
}

// ================================================================ fibers
enum class St : unsigned char { New, Ready, Barrier, Warp, Done };
static const size_t STACK = (CC_ASAN || CC_TSAN || CC_MSAN) ? 256 * 1024 : 64 * 1024;
struct Fiber {
  void* sp;
  char* stack;
  uint3 tid;
  const char* file;
  int line;
  unsigned mask;
  WarpOp op;
  int src;
  Payload val, res;
  void *tsan, *asan_fake;
};
static Fiber fib[1024];
static St st[1024];
static unsigned ord[1024];
static unsigned waiting[32], live[32];  // per warp
static unsigned cur, nthreads, ndone, nbar;
static int bar_pred, bar_result;
static void* sched_sp;
static bool kernel_failed;
static const std::function<void()>* body_;
static std::vector<char*> free_stacks;
static char *dyn_base, *dyn_ptr;
void* dynamic_smem() { return dyn_ptr; }
static char* get_stack() {
  if (free_stacks.empty()) {
    char* m = (char*)mmap(nullptr, STACK + PAGE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mprotect(m, PAGE, PROT_NONE);
    free_stacks.push_back(m + PAGE);
  }
  char* s = free_stacks.back();
  free_stacks.pop_back();
  return s;
}
#if CC_ASAN
static void* main_fake;
static const void* main_bottom;
static size_t main_size;
#endif
#if CC_TSAN
static void tsan_forget(
    char* p, size_t n) {  // this memory is new: no earlier access races with what follows
  static bool once = false;
  if (!once) {
    once = true;
    __tsan_java_init(4096, 0x7ffffffff000ul - 4096);
  }  // "the heap": everything
  uintptr_t b = (uintptr_t)p & ~7ul, e = ((uintptr_t)p + n + 7) & ~7ul;
  __tsan_java_free(b, e - b);
  __tsan_java_alloc(b, e - b);
}
static void* main_tsan;
static char launch_tok, end_tok, fence_tok;
static std::vector<void*> dead_tsan;
static void hb_join(const unsigned* ids,
                    int n) {  // happens-before among these threads, and no others
  char* tok = (char*)malloc(8);
  void* self = __tsan_get_current_fiber();
  for (int i = 0; i < n; i++) {
    __tsan_switch_to_fiber(fib[ids[i]].tsan, 1);
    __tsan_release(tok);
  }
  for (int i = 0; i < n; i++) {
    __tsan_switch_to_fiber(fib[ids[i]].tsan, 1);
    __tsan_acquire(tok);
  }
  __tsan_switch_to_fiber(self, 1);
  free(tok);
}
#endif
void fence() {
#if CC_TSAN
  __tsan_release(&fence_tok);
  __tsan_acquire(&fence_tok);
#endif
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
static void to_scheduler(bool finished) {
  (void)finished;
  Fiber& f = fib[cur];
#if CC_ASAN
  __sanitizer_start_switch_fiber(finished ? nullptr : &f.asan_fake, main_bottom, main_size);
#endif
#if CC_TSAN
  __tsan_switch_to_fiber(main_tsan, 1);
#endif
  cudacpu_switch(&f.sp, sched_sp);
#if CC_ASAN
  __sanitizer_finish_switch_fiber(f.asan_fake, &main_bottom, &main_size);
#endif
}
static void fiber_main() {
#if CC_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &main_bottom, &main_size);
#endif
#if CC_TSAN
  __tsan_acquire(&launch_tok);
#endif
  (*body_)();
#if CC_TSAN
  __tsan_release(&end_tok);
#endif
  st[cur] = St::Done;
  ndone++;
  live[cur >> 5] &= ~(1u << (cur & 31));
  to_scheduler(true);
  __builtin_unreachable();
}
static void resume(unsigned i) {
  Fiber& f = fib[i];
  cur = i;
  threadIdx = f.tid;
  stats_.switches++;
  if (st[i] == St::New) {
    f.stack = get_stack();
    f.sp = make_context(f.stack + STACK, fiber_main);
#if CC_TSAN
    tsan_forget(f.stack + STACK - 16384,
                16384);  // stacks are used again by threads that are concurrent in the model
    f.tsan = __tsan_create_fiber(1);
    char nm[96];
    snprintf(nm, sizeof nm, "block(%u,%u,%u) thread(%u,%u,%u)", blockIdx.x, blockIdx.y, blockIdx.z,
             f.tid.x, f.tid.y, f.tid.z);
    __tsan_set_fiber_name(f.tsan, nm);
#endif
  }
  st[i] = St::Ready;
#if CC_ASAN
  __sanitizer_start_switch_fiber(&main_fake, f.stack, STACK);
#endif
#if CC_TSAN
  __tsan_switch_to_fiber(f.tsan, 1);
#endif
  cudacpu_switch(&sched_sp, f.sp);
#if CC_ASAN
  __sanitizer_finish_switch_fiber(main_fake, nullptr, nullptr);
#endif
  if (st[i] == St::Done) {
    free_stacks.push_back(f.stack);
#if CC_ASAN
    __asan_unpoison_memory_region(f.stack, STACK);
#endif
#if CC_TSAN
    dead_tsan.push_back(f.tsan);
#endif
  }
}
[[noreturn]] static void kernel_error(
    const std::string& m) {  // called in a fiber: give the launch up
  kernel_failed = true;
  char b[160];
  snprintf(b, sizeof b, "block (%u,%u,%u) thread (%u,%u,%u): ", blockIdx.x, blockIdx.y, blockIdx.z,
           threadIdx.x, threadIdx.y, threadIdx.z);
  fail(cudaErrorLaunchFailure, b + m);
  st[cur] = St::Done;
#if CC_TSAN
  __tsan_release(&end_tok);
#endif
  to_scheduler(true);
  __builtin_unreachable();
}
void device_trap(const char* f, int l) { kernel_error("__trap() at " + at(f, l)); }
static void need_kernel(const char* what) {
  if (!in_kernel) {
    fprintf(stderr, "cudacpu: %s called outside a kernel\n", what);
    abort();
  }
}
int block_barrier(int pred, const char* file, int line) {
  need_kernel("__syncthreads");
  Fiber& f = fib[cur];
  f.file = file;
  f.line = line;
  st[cur] = St::Barrier;
  nbar++;
  bar_pred += pred;
  to_scheduler(false);
  return bar_result;
}
static const char* op_name(WarpOp o) {
  static const char* n[] = {"__syncwarp", "__shfl_sync", "vote", "__match_any_sync"};
  return int(o) < 4 ? n[int(o)] : "__reduce_sync";
}
// all lanes of the mask that still live have arrived: compute every result at once.  Returns an
// error text or ""
static std::string complete(unsigned warp, unsigned mask) {
  unsigned b = warp * 32, L[32];
  int n = 0;
  unsigned here = mask & live[warp];
  for (unsigned i = 0; i < 32; i++)
    if (here >> i & 1) L[n++] = b + i;
  Fiber& a = fib[L[0]];
  Payload acc{0, 0};
  for (int k = 0; k < n; k++) {
    Fiber& f = fib[L[k]];
    if (f.op != a.op || f.mask != mask || f.line != a.line || f.file != a.file) {
      char m[64];
      snprintf(m, sizeof m, " (masks %08x, %08x)", a.mask, f.mask);
      return std::string("divergent warp operation: lane ") + std::to_string(L[0] & 31) + " in " +
             op_name(a.op) + " at " + at(a.file, a.line) + ", lane " + std::to_string(L[k] & 31) +
             " in " + op_name(f.op) + " at " + at(f.file, f.line) + m;
    }
    auto v = unsigned(f.val.a);
    switch (f.op) {
      case WarpOp::Ballot:
        acc.a |= (unsigned long long)(f.val.a != 0) << (L[k] & 31);
        break;
      case WarpOp::Add:
        acc.a = unsigned(acc.a + v);
        break;
      case WarpOp::Min:
        acc.a = k ? unsigned(std::min(int(acc.a), int(v))) : v;
        break;
      case WarpOp::Max:
        acc.a = k ? unsigned(std::max(int(acc.a), int(v))) : v;
        break;
      case WarpOp::UMin:
        acc.a = k ? std::min(unsigned(acc.a), v) : v;
        break;
      case WarpOp::UMax:
        acc.a = k ? std::max(unsigned(acc.a), v) : v;
        break;
      case WarpOp::And:
        acc.a = k ? acc.a & v : v;
        break;
      case WarpOp::Or:
        acc.a |= v;
        break;
      case WarpOp::Xor:
        acc.a ^= v;
        break;
      default:
        break;
    }
  }
  for (int k = 0; k < n; k++) {
    Fiber& f = fib[L[k]];
    f.res = acc;
    if (f.op == WarpOp::Shfl)
      f.res = (here >> f.src & 1) ? fib[b + f.src].val
                                  : Payload{~0ull, ~0ull};  // a lane outside: poison
    if (f.op == WarpOp::MatchAny) {
      f.res = {0, 0};
      for (int j = 0; j < n; j++)
        if (fib[L[j]].val.a == f.val.a && fib[L[j]].val.b == f.val.b)
          f.res.a |= 1ull << (L[j] & 31);
    }
  }
#if CC_TSAN
  if (a.op == WarpOp::Sync)
    hb_join(L, n);  // only __syncwarp orders memory; shuffles and votes do not
#endif
  for (int k = 0; k < n; k++) st[L[k]] = St::Ready;
  waiting[warp] &= ~here;
  stats_.warp_ops++;
  return "";
}
Payload warp_op(unsigned mask, WarpOp op, Payload v, int src, const char* file, int line) {
  need_kernel(op_name(op));
  Fiber& f = fib[cur];
  unsigned warp = cur >> 5, bit = 1u << (cur & 31);
  f.file = file;
  f.line = line;
  f.mask = mask;
  f.op = op;
  f.val = v;
  f.src = src;
  if (!(mask & bit))
    kernel_error(std::string(op_name(op)) + " at " + at(file, line) +
                 ": the calling lane is not in the mask");
  st[cur] = St::Warp;
  waiting[warp] |= bit;
  unsigned need = mask & live[warp];
  if ((waiting[warp] & need) == need) {
    std::string e = complete(warp, mask);
    if (!e.empty()) kernel_error(e);
  } else
    to_scheduler(false);
  return f.res;
}
static std::string stuck_report() {
  struct G {
    std::string place;
    int count;
    unsigned first;
  };
  std::vector<G> g;
  for (unsigned i = 0; i < nthreads; i++) {
    std::string k;
    char m[32];
    if (st[i] == St::Done)
      k = "exited";
    else if (st[i] == St::Barrier)
      k = "waits in __syncthreads at " + at(fib[i].file, fib[i].line);
    else {
      snprintf(m, sizeof m, " mask %08x", fib[i].mask);
      k = std::string("waits in ") + op_name(fib[i].op) + " at " + at(fib[i].file, fib[i].line) + m;
    }
    auto it = std::find_if(g.begin(), g.end(), [&](G& x) { return x.place == k; });
    if (it == g.end())
      g.push_back({k, 1, i});
    else
      it->count++;
  }
  std::string r;
  for (auto& x : g)
    r += "\n    " + std::to_string(x.count) + " thread(s), first linear id " +
         std::to_string(x.first) + ": " + x.place;
  return r;
}
static void shuffle_order() {
  for (unsigned i = 0; i < nthreads; i++)
    ord[i] = order_mode == Order::Reverse ? nthreads - 1 - i : i;
  if (order_mode == Order::Random)
    for (unsigned i = nthreads; i > 1; i--) std::swap(ord[i - 1], ord[order_rng() % i]);
}
// ---------------------------------------------------------------- static shared memory: found in
// the ELF files
// __shared__ variables sit in sections named cudacpu_shm_*; but GCC (12: bug 41091) drops the
// attribute in templates, so the static locals of a launched kernel are looked up in the symbol
// table too (_ZZ<kernel>E<name>).  That also names the kernel.
struct Range {
  char* p;
  size_t n;
};
struct Sym {
  std::string name;
  char* p;
  size_t n;
  bool func;
};
static std::vector<Range> shm;
static std::vector<Sym> syms;
static unsigned long long shm_adds = ~0ull;
struct KernelInfo {
  const void* fn;
  std::string name;
  std::vector<Range> own;
};
static std::vector<KernelInfo> kernels_;
static const KernelInfo* kernel_now;
static int scan_object(dl_phdr_info* i, size_t, void* first) {
  const char* path = i->dlpi_name && *i->dlpi_name ? i->dlpi_name
                     : *(bool*)first               ? "/proc/self/exe"
                                                   : nullptr;
  *(bool*)first = false;
  if (!path || strstr(path, "/lib/") == path || strstr(path, "/usr/lib") == path)
    return 0;  // system libraries hold no kernels
  FILE* f = fopen(path, "rb");
  if (!f) return 0;
  auto load = [&](auto& v, size_t off) {
    return !v.empty() && fseek(f, long(off), SEEK_SET) == 0 &&
           fread(v.data(), sizeof v[0], v.size(), f) == v.size();
  };
  std::vector<ElfW(Ehdr)> h(1);
  std::vector<ElfW(Shdr)> sh;
  if (load(h, 0) && (sh.resize(h[0].e_shnum), load(sh, h[0].e_shoff))) {
    std::vector<char> names(sh[h[0].e_shstrndx].sh_size);
    char* base = (char*)i->dlpi_addr;
    if (load(names, sh[h[0].e_shstrndx].sh_offset))
      for (auto& s : sh) {
        if (!strncmp(&names[s.sh_name], "cudacpu_shm_", 12))
          shm.push_back({base + s.sh_addr, s.sh_size});
        if (s.sh_type != SHT_SYMTAB) continue;
        std::vector<ElfW(Sym)> st(s.sh_size / sizeof(ElfW(Sym)));
        std::vector<char> str(sh[s.sh_link].sh_size);
        if (load(st, s.sh_offset) && load(str, sh[s.sh_link].sh_offset))
          for (auto& y : st) {
            int t = ELF64_ST_TYPE(y.st_info);
            const char* n = &str[y.st_name];
            if (y.st_shndx != SHN_UNDEF &&
                (t == STT_FUNC ||
                 (t == STT_OBJECT && !strncmp(n, "_ZZ", 3) && y.st_shndx < sh.size() &&
                  (sh[y.st_shndx].sh_flags & SHF_WRITE))))
              syms.push_back({n, base + y.st_value, y.st_size, t == STT_FUNC});
          }
      }
  }
  fclose(f);
  return 0;
}
static void find_shm(const void* fn) {
  unsigned long long adds = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* i, size_t, void* d) {
        *(unsigned long long*)d = i->dlpi_adds;
        return 1;
      },
      &adds);
  if (adds != shm_adds) {
    shm_adds = adds;
    shm.clear();
    syms.clear();
    kernels_.clear();
    bool first = true;
    dl_iterate_phdr(scan_object, &first);
  }
  for (auto& k : kernels_)
    if (k.fn == fn) {
      kernel_now = &k;
      return;
    }
  KernelInfo k{fn, "?", {}};
  for (auto& y : syms)
    if (y.func && y.p == (const char*)fn) k.name = y.name;
  std::string pre = "_ZZ" + (k.name.size() > 2 ? k.name.substr(2) : "?") + "E";
  for (auto& y : syms)
    if (!y.func && y.name.compare(0, pre.size(), pre) == 0 &&
        std::none_of(shm.begin(), shm.end(),
                     [&](Range& r) { return y.p >= r.p && y.p < r.p + r.n; }))
      k.own.push_back({y.p, y.n});
  kernels_.push_back(k);
  kernel_now = &kernels_.back();
}
static std::string kernel_label() {
  int e = 0;
  char* d =
      kernel_now ? abi::__cxa_demangle(kernel_now->name.c_str(), nullptr, nullptr, &e) : nullptr;
#if CC_MSAN
  if (d) __msan_unpoison_string(d);
#endif
  std::string r = d ? d : kernel_now ? kernel_now->name : "?";
  free(d);
  return r.substr(0, r.rfind('('));  // without the parameters
}
static void reset_shared(size_t smem) {
  for (auto* v : {(const std::vector<Range>*)&shm, &kernel_now->own})
    for (auto& r : *v) {
      poison(r.p, r.n);
#if CC_TSAN
      tsan_forget(r.p, r.n);
#endif
    }
  if (CC_ASAN) {
    free(dyn_base);
    dyn_base = nullptr;
    if (posix_memalign((void**)&dyn_base, 256, smem ? smem : 1)) abort();
    dyn_ptr = dyn_base;
  } else {  // an overrun meets the guard page
    if (!dyn_base) {
      dyn_base = (char*)mmap(nullptr, (256 << 10) + PAGE, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      mprotect(dyn_base + (256 << 10), PAGE, PROT_NONE);
    }
    dyn_ptr = dyn_base + (256 << 10) - (smem + 15) / 16 * 16;
  }
  if (smem) {
    poison(dyn_ptr, smem);
#if CC_TSAN
    tsan_forget(dyn_ptr, smem);
#endif
  }
}
static bool run_block() {
  ndone = nbar = 0;
  bar_pred = 0;
  unsigned t = 0;
  for (unsigned z = 0; z < blockDim.z; z++)
    for (unsigned y = 0; y < blockDim.y; y++)
      for (unsigned x = 0; x < blockDim.x; x++, t++) {
        fib[t].tid = {x, y, z};
        st[t] = St::New;
      }
  for (unsigned w = 0; w < 32; w++) {
    waiting[w] = 0;
    int n = int(nthreads) - int(w * 32);
    live[w] = n >= 32 ? ~0u : n > 0 ? (1u << n) - 1 : 0;
  }
  shuffle_order();
  while (ndone < nthreads) {
    bool progress = false;
    for (unsigned k = 0; k < nthreads; k++) {
      unsigned i = ord[k];
      if (st[i] <= St::Ready) {
        resume(i);
        progress = true;
        if (kernel_failed) return false;
      }
    }
    if (progress) continue;
    if (nbar && nbar + ndone == nthreads) {  // release the barrier
      unsigned a = 0;
      while (st[a] != St::Barrier) a++;
      bool same = true;
      for (unsigned i = a; i < nthreads; i++)
        if (st[i] == St::Barrier && (fib[i].line != fib[a].line || fib[i].file != fib[a].file))
          same = false;
      if (!same || ndone) {
        fail(cudaErrorLaunchFailure,
             std::string(same ? "threads left the kernel before a barrier of the block"
                              : "threads of one block wait at different barriers") +
                 stuck_report());
        return false;
      }
#if CC_TSAN
      {
        std::vector<unsigned> ids;
        for (unsigned i = 0; i < nthreads; i++)
          if (st[i] == St::Barrier) ids.push_back(i);
        hb_join(ids.data(), int(ids.size()));
      }
#endif
      for (unsigned i = 0; i < nthreads; i++)
        if (st[i] == St::Barrier) st[i] = St::Ready;
      bar_result = bar_pred;
      bar_pred = 0;
      nbar = 0;
      stats_.barriers++;
      if (order_mode == Order::Random) shuffle_order();
      continue;
    }
    bool fixed = false;  // lanes that a warp operation waits for may have exited since
    for (unsigned w = 0; w < 32 && !fixed; w++)
      for (unsigned i = 0; i < 32 && waiting[w] && !fixed; i++)
        if (waiting[w] >> i & 1) {
          unsigned m = fib[w * 32 + i].mask, need = m & live[w];
          if ((waiting[w] & need) == need) {
            std::string e = complete(w, m);
            if (!e.empty()) {
              fail(cudaErrorLaunchFailure, e);
              return false;
            }
            fixed = true;
          }
        }
    if (!fixed) {
      fail(cudaErrorLaunchFailure, "deadlock in block (" + std::to_string(blockIdx.x) + "," +
                                       std::to_string(blockIdx.y) + "," +
                                       std::to_string(blockIdx.z) + "):" + stuck_report());
      return false;
    }
  }
  return true;
}
static void on_segv(
    int, siginfo_t* si,
    void*) {  // async-signal-unsafe printf: acceptable in a test that is about to die
  if (in_kernel)
    fprintf(stderr,
            "cudacpu: illegal access to %p in kernel %s block (%u,%u,%u) thread (%u,%u,%u)\n",
            si->si_addr, kernel_label().c_str(), blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x,
            threadIdx.y, threadIdx.z);
  else
    fprintf(stderr, "cudacpu: illegal access to %p by host code%s\n", si->si_addr,
            find(si->si_addr, 1) ? " (a DEVICE pointer dereferenced on the host)" : "");
  signal(SIGSEGV, SIG_DFL);
}
static void run_kernel(const void* fn, dim3 g, dim3 b, size_t smem,
                       const std::function<void()>& body) {
  if (last_error == cudaErrorLaunchFailure) return;  // sticky, as on the device
  auto t0 = std::chrono::steady_clock::now();
  if (CC_PLAIN) {
    static bool once = false;
    if (!once) {
      once = true;
      struct sigaction sa {};
      sa.sa_sigaction = on_segv;
      sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
      static char alt[65536];
      stack_t ss{alt, 0, sizeof alt};
      sigaltstack(&ss, nullptr);
      sigaction(SIGSEGV, &sa, nullptr);
    }
  }
  find_shm(fn);
  body_ = &body;
  blockDim = b;
  gridDim = g;
  nthreads = b.x * b.y * b.z;
  kernel_failed = false;
  in_kernel = true;
#if CC_TSAN
  main_tsan = __tsan_get_current_fiber();
  __tsan_release(&launch_tok);
#endif
  unsigned long long nb = 1ull * g.x * g.y * g.z, mul = 1, add = 0;
  if (order_mode == Order::Random) {
    do mul = order_rng() % nb + 1;
    while (std::__gcd(mul, nb) != 1);
    add = order_rng() % nb;
  }  // a cheap permutation of the blocks
  for (unsigned long long k = 0; k < nb; k++) {
    unsigned long long i = order_mode == Order::Reverse ? nb - 1 - k : (k * mul + add) % nb;
    blockIdx = {unsigned(i % g.x), unsigned(i / g.x % g.y), unsigned(i / g.x / g.y)};
    reset_shared(smem);
    bool ok = run_block();
#if CC_TSAN
    for (void* f : dead_tsan) __tsan_destroy_fiber(f);
    dead_tsan.clear();
#endif
    if (!ok) {  // abandon what still waits
      for (unsigned t = 0; t < nthreads; t++)
        if (st[t] != St::New && (st[t] != St::Done)) {
#if CC_TSAN
          __tsan_switch_to_fiber(fib[t].tsan, 1);
          __tsan_release(&end_tok);
          __tsan_switch_to_fiber(main_tsan, 1);
#endif
#if CC_ASAN
          __asan_unpoison_memory_region(fib[t].stack, STACK);
#endif
          free_stacks.push_back(fib[t].stack);
        }
      break;
    }
  }
#if CC_TSAN
  __tsan_acquire(&end_tok);
#endif
  in_kernel = false;
  stats_.launches++;
  stats_.blocks += nb;
  stats_.threads += nb * nthreads;
  stats_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - t0).count();
}
static std::vector<std::pair<const void*, int>> max_dyn;
cudaError_t func_attr(const void* f, cudaFuncAttribute a, int v) {
  if (a == cudaFuncAttributeMaxDynamicSharedMemorySize) {
    if (v > 232448)
      return fail(cudaErrorInvalidValue, "more dynamic shared memory than any GPU has");
    max_dyn.insert(max_dyn.begin(), {f, v});
  }
  return cudaSuccess;
}
cudaError_t launch_impl(const void* fn, dim3 g, dim3 b, size_t smem, cudaStream_t s,
                        std::function<void()> body) {
  std::lock_guard lock(mu);
  unsigned long long n = 1ull * b.x * b.y * b.z;
  if (!g.x || !g.y || !g.z || !n || n > 1024 || b.z > 64 || g.y > 65535 || g.z > 65535 ||
      g.x > 2147483647u)
    return fail(cudaErrorInvalidConfiguration, "grid " + std::to_string(g.x) + "x" +
                                                   std::to_string(g.y) + "x" + std::to_string(g.z) +
                                                   ", block " + std::to_string(n));
  size_t lim = 48 << 10;
  for (auto& [f, v] : max_dyn)
    if (f == fn) {
      lim = size_t(v);
      break;
    }
  if (smem > lim)
    return fail(cudaErrorInvalidValue, "dynamic shared memory " + std::to_string(smem) +
                                           " over the limit " + std::to_string(lim) +
                                           " (cudaFuncSetAttribute?)");
  return enqueue(s, [=, body = std::move(body)] { run_kernel(fn, g, b, smem, body); });
}
}  // namespace cudacpu

// ================================================================ the runtime API
using namespace cudacpu;
const char* cudaGetErrorName(cudaError_t e) {
  switch (e) {
#define X(n) \
  case n:    \
    return #n;
    X(cudaSuccess)
    X(cudaErrorInvalidValue) X(cudaErrorMemoryAllocation) X(cudaErrorInvalidConfiguration)
        X(cudaErrorInvalidPitchValue) X(cudaErrorInvalidDevicePointer)
            X(cudaErrorInvalidMemcpyDirection) X(cudaErrorInsufficientDriver) X(cudaErrorNoDevice)
                X(cudaErrorInvalidDevice) X(cudaErrorInvalidResourceHandle) X(cudaErrorNotReady)
                    X(cudaErrorIllegalAddress) X(cudaErrorLaunchFailure) X(cudaErrorNotSupported)
                        X(cudaErrorUnknown)
#undef X
  }
  return "cudaErrorUnknown";
}
const char* cudaGetErrorString(cudaError_t e) { return cudaGetErrorName(e); }
cudaError_t cudaGetLastError() {
  auto e = last_error;
  last_error = cudaSuccess;
  return e;
}
cudaError_t cudaPeekAtLastError() { return last_error; }
static int device_count() {
  const char* e = getenv("CUDACPU_DEVICES");
  return e ? atoi(e) : 1;
}
cudaError_t cudaGetDeviceCount(int* n) {
  if (int c = device_count()) {
    *n = c;
    return cudaSuccess;
  }
  return cudaErrorInsufficientDriver; /* *n untouched, as the real one */
}
cudaError_t cudaGetDevice(int* d) {
  *d = 0;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int d) {
  return d >= 0 && d < device_count() ? cudaSuccess : cudaErrorInvalidDevice;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int d) {
  if (d < 0 || d >= device_count()) return cudaErrorInvalidDevice;
  *p = {};
  std::strcpy(p->name, "cudacpu (CPU emulation, tests only)");
  p->totalGlobalMem = std::min<size_t>(mem_limit, 8ull << 30);
  p->sharedMemPerBlock = 48 << 10;
  p->regsPerBlock = 65536;
  p->warpSize = 32;
  p->maxThreadsPerBlock = 1024;
  p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024;
  p->maxThreadsDim[2] = 64;
  p->maxGridSize[0] = 2147483647;
  p->maxGridSize[1] = p->maxGridSize[2] = 65535;
  p->totalConstMem = 65536;
  p->major = 7;
  p->minor = 5;
  p->multiProcessorCount = 4;
  p->asyncEngineCount = 2;
  p->concurrentKernels = 1;
  p->maxThreadsPerMultiProcessor = 1024;
  p->sharedMemPerMultiprocessor = 64 << 10;
  p->sharedMemPerBlockOptin = 64 << 10;
  p->l2CacheSize = 4 << 20;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* v, cudaDeviceAttr a, int) {
  *v = a == cudaDevAttrMultiProcessorCount  ? 4
       : a == cudaDevAttrMaxThreadsPerBlock ? 1024
                                            : 64 << 10;
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  std::lock_guard l(mu);
  for (auto* s : streams_) drain(s, s->enq);
  return last_error;
}
cudaError_t cudaDeviceReset() { return cudaDeviceSynchronize(); }
cudaError_t cudaDriverGetVersion(int* v) {
  *v = device_count() ? 13000 : 0;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* v) {
  *v = 13000;
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* f, size_t* t) {
  *t = std::min<size_t>(mem_limit, 8ull << 30);
  *f = *t > mem_used ? *t - mem_used : 0;
  return cudaSuccess;
}
cudaError_t cudaFree(void* p, const char* f, int l) { return release(p, Mem::Device, f, l); }
cudaError_t cudaFreeHost(void* p, const char* f, int l) { return release(p, Mem::Pinned, f, l); }
cudaError_t cudaFreeAsync(void* p, cudaStream_t s) {
  return enqueue(s, [p] {  // inside an item: only this memory goes
    auto it = find_exact(p);
    if (it == allocs.end()) {
      fail(cudaErrorInvalidValue, "cudaFreeAsync of an unknown pointer");
      return;
    }
    mem_used -= it->second.size;
    if (CC_PLAIN)
      munmap(it->second.map, it->second.map_len);
    else
      free(p);
    allocs.erase(it);
  });
}
static cudaError_t check_copy(void* d, const void* s, size_t n, cudaMemcpyKind k, const char* f,
                              int l) {
  Alloc *da = find(d, n), *sa = find(s, n);
  auto dev = [](Alloc* a) { return a && a->kind != Mem::Pinned; };
  bool want_d = k == cudaMemcpyHostToDevice || k == cudaMemcpyDeviceToDevice,
       want_s = k == cudaMemcpyDeviceToHost || k == cudaMemcpyDeviceToDevice;
  auto ok = [&](Alloc* a, bool want, const void* p) {
    if (want) return dev(a);
    return !(a && a->kind == Mem::Device) && !(find(p, 1) && !a);
  };
  if (k != cudaMemcpyDefault && n && (!ok(da, want_d, d) || !ok(sa, want_s, s)))
    return fail(cudaErrorInvalidValue,
                "copy of " + std::to_string(n) +
                    " bytes: wrong direction or out of an allocation's bounds, at " + at(f, l));
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* d, const void* s, size_t n, cudaMemcpyKind k, cudaStream_t st_,
                            const char* f, int l) {
  std::lock_guard lock(mu);
  if (auto e = check_copy(d, s, n, k, f, l)) return e;
  if (!find(s, n ? n : 1)) {  // pageable source: read at the call
    auto keep = std::make_shared<std::vector<char>>((const char*)s, (const char*)s + n);
    return enqueue(st_, [=] { std::memcpy(d, keep->data(), n); });
  }
  auto e = enqueue(st_, [=] { std::memmove(d, s, n); });
  if (!e && !find(d, n ? n : 1))
    drain(S(st_), S(st_)->enq);  // pageable destination: complete on return
  return e;
}
cudaError_t cudaMemcpy(void* d, const void* s, size_t n, cudaMemcpyKind k, const char* f, int l) {
  std::lock_guard lock(mu);
  auto e = cudaMemcpyAsync(d, s, n, k, nullptr, f, l);
  if (!e) drain(S(nullptr), S(nullptr)->enq);
  return e ? e : last_error;
}
cudaError_t cudaMemcpy2DAsync(void* d, size_t dp, const void* s, size_t sp, size_t w, size_t h,
                              cudaMemcpyKind k, cudaStream_t st_, const char* f, int l) {
  for (size_t y = 0; y < h; y++)
    if (auto e = cudaMemcpyAsync((char*)d + y * dp, (const char*)s + y * sp, w, k, st_, f, l))
      return e;
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* d, int v, size_t n, cudaStream_t s, const char* f, int l) {
  std::lock_guard lock(mu);
  if (n && !is_device_ptr(d, n))
    return fail(cudaErrorInvalidValue, "memset of " + std::to_string(n) +
                                           " bytes: not device memory or out of bounds, at " +
                                           at(f, l));
  return enqueue(s, [=] { std::memset(d, v, n); });
}
cudaError_t cudaMemset(void* d, int v, size_t n, const char* f, int l) {
  return cudaMemsetAsync(d, v, n, nullptr, f, l);
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* s, unsigned fl) {
  std::lock_guard l(mu);
  *s = new CUstream_st;
  (*s)->nonblocking = fl & cudaStreamNonBlocking;
  streams_.push_back(*s);
  return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* s) { return cudaStreamCreateWithFlags(s, 0); }
cudaError_t cudaStreamDestroy(cudaStream_t s) {
  std::lock_guard l(mu);
  auto it = std::find(streams_.begin(), streams_.end(), s);
  if (!s || it == streams_.end()) return fail(cudaErrorInvalidResourceHandle, "cudaStreamDestroy");
  cudaDeviceSynchronize();
  streams_.erase(it);
  delete s;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t s) {
  std::lock_guard l(mu);
  drain(S(s), S(s)->enq);
  return last_error;
}
cudaError_t cudaStreamQuery(cudaStream_t s_) {
  std::lock_guard l(mu);
  auto* s = S(s_);
  if (s->done < s->enq) drain(s, s->done + 1);
  return s->done < s->enq ? cudaErrorNotReady : last_error;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* e, unsigned) {
  *e = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* e) { return cudaEventCreateWithFlags(e, 0); }
cudaError_t cudaEventDestroy(cudaEvent_t e) {
  cudaDeviceSynchronize();
  delete e;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) {
  std::lock_guard l(mu);
  e->s = S(s);
  e->seq = e->s->enq + 1;
  return enqueue(
      s, [e] { e->t = std::chrono::steady_clock::now(); }, false);
}
cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned) {
  std::lock_guard l(mu);
  if (!e->s) return cudaSuccess;
  auto* es = e->s;
  auto seq = e->seq;
  return enqueue(
      s, [es, seq] { drain(es, seq); }, false);
}
cudaError_t cudaLaunchHostFunc(cudaStream_t s, void (*f)(void*), void* d) {
  return enqueue(
      s, [=] { f(d); }, false);
}
cudaError_t cudaEventSynchronize(cudaEvent_t e) {
  std::lock_guard l(mu);
  if (e->s) drain(e->s, e->seq);
  return last_error;
}
cudaError_t cudaEventQuery(cudaEvent_t e) {
  std::lock_guard l(mu);
  if (e->s && e->s->done < e->seq) drain(e->s, e->s->done + 1);
  return e->s && e->s->done < e->seq ? cudaErrorNotReady : last_error;
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t a, cudaEvent_t b) {
  cudaEventSynchronize(b);
  *ms = std::chrono::duration<float, std::milli>(b->t - a->t).count();
  return cudaSuccess;
}
