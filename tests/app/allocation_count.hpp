// The number of heap allocations in this process, including those of OpenSSL. Only known in builds with a sanitizer, which reports them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GATEWAY_COUNTS_ALLOCATIONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GATEWAY_COUNTS_ALLOCATIONS 1
#endif
#endif

#ifdef GATEWAY_COUNTS_ALLOCATIONS
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void*, std::size_t),
                                                         void (*freed)(const volatile void*));
#endif

namespace gateway::test {

class allocation_count {
public:
  static constexpr bool is_known =
#ifdef GATEWAY_COUNTS_ALLOCATIONS
      true;
#else
      false;
#endif

  // Since counting began in this process.
  static std::uint64_t now() {
#ifdef GATEWAY_COUNTS_ALLOCATIONS
    static int const installed =
        __sanitizer_install_malloc_and_free_hooks([](const volatile void*, std::size_t) { ++count_; }, [](const volatile void*) {});
    (void)installed;
#endif
    return count_;
  }

private:
  static inline std::atomic<std::uint64_t> count_{0};
};

}  // namespace gateway::test
