#include "core/settings/machine.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/settings/load.hpp"

namespace gateway::machine_test {
namespace {

std::string joined(const std::vector<std::string>& folders) {
  std::string text;
  for (auto const& one : folders) text.append(text.empty() ? "" : " ").append(one);
  return text;
}

constexpr std::string_view version_2 = "25 30 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr std::string_view version_1 =
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "33 31 0:30 / /sys/fs/cgroup/cpuset rw shared:9 - cgroup cgroup rw,cpuset\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:8 - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

TEST(machine, finds_the_groups_of_version_2_up_to_the_root) {
  struct row {
    std::string_view own, mounts, folders;
  };
  static constexpr row rows[] = {
      {"0::/\n", version_2, "/sys/fs/cgroup"},
      {"0::/system.slice/gateway.service\n", version_2,
       "/sys/fs/cgroup/system.slice/gateway.service /sys/fs/cgroup/system.slice /sys/fs/cgroup"},
      {"0::/a b/c\n", "1 1 0:1 / /g\\040s rw - cgroup2 x rw\n", "/g s/a b/c /g s/a b /g s"},
      {"0::/pod/one/gateway\n", "1 1 0:1 /pod/one /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/sys/fs/cgroup/gateway /sys/fs/cgroup"},
      {"0::/podium\n", "1 1 0:1 /pod /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/sys/fs/cgroup"},
      {"0::/../sibling\n", version_2, "/sys/fs/cgroup"},
      {"", version_2, "/sys/fs/cgroup"},
      {"0::/a\n", "", ""},
      {"0::/a\n", "24 30 0:6 / /dev rw - devtmpfs udev rw\nnonsense\n\n - cgroup2\n", ""},
  };
  for (auto const& r : rows) {
    auto const found = find_groups(r.own, r.mounts);
    EXPECT_EQ(joined(found.unified), r.folders) << r.own << r.mounts;
    EXPECT_TRUE(found.cpu.empty() && found.memory.empty());
  }
}

TEST(machine, finds_the_groups_of_version_1_up_to_the_root) {
  auto found = find_groups("12:cpuset:/x\n4:cpu,cpuacct:/docker/1\n9:memory:/docker/1/inner\n0::/unified\n", version_1);
  EXPECT_EQ(joined(found.cpu), "/sys/fs/cgroup/cpu,cpuacct/docker/1 /sys/fs/cgroup/cpu,cpuacct/docker /sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(joined(found.memory),
            "/sys/fs/cgroup/memory/docker/1/inner /sys/fs/cgroup/memory/docker/1 /sys/fs/cgroup/memory/docker /sys/fs/cgroup/memory");
  EXPECT_TRUE(found.unified.empty());
  found = find_groups("0::/\n", version_1);  // gVisor lists no group of version 1
  EXPECT_EQ(joined(found.cpu), "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(joined(found.memory), "/sys/fs/cgroup/memory");
}

TEST(machine, reads_what_a_group_may_use) {
  EXPECT_EQ(cpu_bound("150000 100000\n"), 1.5);
  EXPECT_EQ(cpu_bound("max 100000\n"), std::nullopt);
  EXPECT_EQ(cpu_bound("50000\n", "100000\n"), 0.5);
  EXPECT_EQ(cpu_bound("-1\n", "100000\n"), std::nullopt);
  for (std::string_view const none : {"", "\n", "100000", "1 0", "0 1", "a b", "1 b"}) EXPECT_EQ(cpu_bound(none), std::nullopt) << none;
  EXPECT_EQ(memory_bound("268435456\n"), 268435456U);
  for (std::string_view const none : {"max\n", "9223372036854771712\n", "", "-1\n", "x"}) EXPECT_EQ(memory_bound(none), std::nullopt);
  EXPECT_EQ(total_memory("MemTotal:        8046832 kB\nMemFree:  1 kB\n"), 8046832ULL * 1024);
  EXPECT_EQ(total_memory("MemFree: 1 kB\n"), 0U);
}

TEST(machine, the_least_of_all_groups_counts) {
  std::optional<double> bound;
  keep_less(bound, std::optional<double>{});
  EXPECT_EQ(bound, std::nullopt);
  for (double const one : {2.0, 1.5, 3.0}) keep_less(bound, std::optional{one});
  keep_less(bound, std::optional<double>{});
  EXPECT_EQ(bound, 1.5);
}

TEST(machine, workers_are_as_many_as_can_run) {
  struct row {
    std::uint64_t cores;
    std::optional<double> quota;
    std::uint64_t workers;
  };
  static constexpr row rows[] = {
      {4, std::nullopt, 4},     {4, 2.0, 2},      {4, 1.5, 2}, {4, 0.1, 1}, {2, 8.0, 2}, {0, std::nullopt, 1},
      {512, std::nullopt, 256}, {512, 1e30, 256},
  };
  for (auto const& r : rows) {
    machine_bounds bounds;
    bounds.cores = r.cores;
    bounds.cpu_quota = r.quota;
    EXPECT_EQ(workers_for(bounds), r.workers) << r.cores;
  }
}

TEST(machine, the_cache_leaves_room_for_connections_and_for_other_programs) {
  constexpr std::uint64_t mib = 1024 * 1024;
  struct row {
    std::uint64_t machine;  // MiB
    std::uint64_t group;    // MiB; 0: none
    std::uint64_t connections, cache;
  };
  static constexpr row rows[] = {
      {8192, 0, 1024, 4072},    // half of what 32 MiB and 16 KiB a connection leave
      {8192, 1024, 1024, 732},  // three quarters
      {8192, 1024, 10'240, 624},
      {8192, 100, 10'240, 16},  // nothing is left, and a cache is at least that
      {1024, 8192, 1024, 488},  // the machine is smaller than the group may be
      {0, 1024, 1024, 732},
      {0, 0, 1024, 256},  // nothing is known
      {8192, 0, 1'000'000'000'000, 16},
  };
  for (auto const& r : rows) {
    machine_bounds bounds;
    bounds.memory = r.machine * mib;
    if (r.group > 0) bounds.group_memory = r.group * mib;
    EXPECT_EQ(cache_bytes_for(bounds, r.connections), r.cache * mib) << r.machine << ' ' << r.group << ' ' << r.connections;
  }
}

TEST(machine, is_what_auto_means) {
  auto loaded = load_settings("cache: { max_bytes: auto }\nlimits: { max_connections: 1024 }\n");
  ASSERT_TRUE(loaded.problems.empty());
  auto& values = loaded.values;
  values.machine.cores = 4;
  values.machine.memory = std::uint64_t{8192} << 20;
  EXPECT_EQ(values.worker_count(), 4U);
  EXPECT_EQ(explain_auto(values),
            (std::vector<std::string>{"workers: auto is 4 here, of 4 core(s)",
                                      "cache.max_bytes: auto is 4072MiB here, of 8192 MiB of memory, with 1024 connections"}));
  values.machine.cpu_quota = 1.25;
  values.machine.group_memory = std::uint64_t{1024} << 20;
  EXPECT_EQ(values.worker_count(), 2U);
  EXPECT_EQ(explain_auto(values),
            (std::vector<std::string>{"workers: auto is 2 here, of 4 core(s) and a CPU quota of 1.25",
                                      "cache.max_bytes: auto is 732MiB here, of 1024 MiB of memory, with 1024 connections"}));
  values.workers = 3;
  values.cache.max_bytes = 5 << 20;
  EXPECT_EQ(values.worker_count(), 3U);
  EXPECT_EQ(values.cache_bytes(), 5U << 20);
  EXPECT_TRUE(explain_auto(values).empty());
}

}  // namespace
}  // namespace gateway::machine_test
