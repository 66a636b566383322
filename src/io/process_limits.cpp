#include "io/process_limits.hpp"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace gateway {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

}  // namespace

void add_process_figures(metrics_snapshot& to) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto const seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  to.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);

  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream{"/proc/self/statm"} >> total_pages >> resident_pages;
  auto const page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  to.resident_bytes = resident_pages * page;
  to.virtual_bytes = total_pages * page;

  std::error_code ignored;
  std::filesystem::directory_iterator const descriptors{"/proc/self/fd", ignored};
  to.open_fds = ignored ? 0 : static_cast<std::uint64_t>(std::distance(begin(descriptors), end(descriptors)));
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  to.max_fds = files.rlim_cur;
}

// On Linux a priority is a thread's own.
void step_back() {
  constexpr int nicer = 10;
  if (setpriority(PRIO_PROCESS, 0, nicer) != 0) return;
}

void share_one_heap() {
#ifdef M_ARENA_MAX
  mallopt(M_ARENA_MAX, 1);  // NOLINT(concurrency-mt-unsafe): before there is a second thread
#endif
}

void forbid_core_dumps() {
  rlimit const none{};
  setrlimit(RLIMIT_CORE, &none);
  if (!is_sanitized) prctl(PR_SET_DUMPABLE, 0);
}

std::uint64_t raise_descriptor_limit(std::uint64_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

}  // namespace gateway
