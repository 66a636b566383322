#include "io/machine.hpp"

#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "io/files/plain_file.hpp"

namespace gateway {
namespace {

// "" if there is no such file.
std::string text_of(const std::string& path) {
  static constexpr std::size_t most = 1024 * 1024;
  return plain_file{path}.read(most);
}

std::uint64_t cores_of_process() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  // A machine of more than 1024 cores needs a larger set, which the library makes.
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return std::max(1U, std::thread::hardware_concurrency());
  return static_cast<std::uint64_t>(CPU_COUNT(&allowed));
}

// lxcfs shows a container's own memory in the file; ProcSubset=pid of systemd hides the file.
std::uint64_t memory_of_machine(const std::string& meminfo) {
  auto const told = total_memory(text_of(meminfo));
  struct sysinfo machine {};
  if (told > 0 || ::sysinfo(&machine) != 0) return told;
  return std::uint64_t{machine.totalram} * machine.mem_unit;
}

}  // namespace

machine_bounds read_machine(const std::string& root) {
  machine_bounds found;
  found.cores = cores_of_process();
  found.memory = memory_of_machine(root + "/proc/meminfo");
  auto const groups = find_groups(text_of(root + "/proc/self/cgroup"), text_of(root + "/proc/self/mountinfo"));
  for (auto const& folder : groups.unified) {
    keep_less(found.cpu_quota, cpu_bound(text_of(root + folder + "/cpu.max")));
    keep_less(found.group_memory, memory_bound(text_of(root + folder + "/memory.max")));
  }
  for (auto const& folder : groups.cpu)
    keep_less(found.cpu_quota, cpu_bound(text_of(root + folder + "/cpu.cfs_quota_us"), text_of(root + folder + "/cpu.cfs_period_us")));
  for (auto const& folder : groups.memory) keep_less(found.group_memory, memory_bound(text_of(root + folder + "/memory.limit_in_bytes")));
  return found;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace gateway
