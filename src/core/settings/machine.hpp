// What the machine, its container and the process's affinity leave to this gateway, and what `auto` makes of it.
// Sources: the kernel's cgroup-v1 and cgroup-v2 pages, and proc(5) on /proc/PID/mountinfo.
// Thread rule: pure functions over the texts of the files; io/machine reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

// Without a value, nothing bounds it.
struct machine_bounds {
  std::uint64_t cores = 1;  // that the process may run on
  std::uint64_t memory = 0;
  std::optional<double> cpu_quota;              // in cores: the least of all groups
  std::optional<std::uint64_t> group_memory{};  // the least of all groups
};

// The folders of the control groups that the process is in, from its own up to the root of what it can see.
struct group_folders {
  std::vector<std::string> unified;  // version 2, for both
  std::vector<std::string> cpu;      // version 1
  std::vector<std::string> memory;   // version 1
};
// From /proc/self/cgroup and /proc/self/mountinfo.
group_folders find_groups(std::string_view own, std::string_view mounts);

// One group's bounds, from the texts of its files; nullopt: it has none, or the text is none of the kernel's.
std::optional<double> cpu_bound(std::string_view cpu_max);                                       // version 2
std::optional<double> cpu_bound(std::string_view cfs_quota_us, std::string_view cfs_period_us);  // version 1
std::optional<std::uint64_t> memory_bound(std::string_view memory_max);                          // both

// Bytes of MemTotal in /proc/meminfo; 0: unknown.
std::uint64_t total_memory(std::string_view meminfo);

template <class Number>
void keep_less(std::optional<Number>& bound, const std::optional<Number>& another) {
  if (another && (!bound || *another < *bound)) bound = another;
}

// Of the container if that is less; 0: unknown.
std::uint64_t memory_for(const machine_bounds& bounds);

// workers: auto.
std::uint64_t workers_for(const machine_bounds& bounds);

// cache.max_bytes: auto. Half of the memory, or of a container's three quarters, of what the process itself and `connections` leave.
std::uint64_t cache_bytes_for(const machine_bounds& bounds, std::uint64_t connections);

}  // namespace gateway
