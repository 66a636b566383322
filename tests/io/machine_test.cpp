// What the files of the kernel say, laid out in a folder as in a container.
#include "io/machine.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "temporary_directory.hpp"

namespace gateway::test::machine_test {
namespace {

class kernel_files {
public:
  void write(const std::string& path, const std::string& text) {
    auto const whole = root() + path;
    std::filesystem::create_directories(std::filesystem::path{whole}.parent_path());
    std::ofstream{whole} << text;
  }
  [[nodiscard]] std::string root() const { return here_.file("root"); }

private:
  temporary_directory here_;
};

TEST(machine, the_least_bound_of_nested_groups_counts) {
  kernel_files kernel;
  kernel.write("/proc/meminfo", "MemTotal: 4194304 kB\n");
  kernel.write("/proc/self/cgroup", "0::/pod/gateway\n");
  kernel.write("/proc/self/mountinfo", "25 30 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  kernel.write("/sys/fs/cgroup/pod/gateway/cpu.max", "300000 100000\n");
  kernel.write("/sys/fs/cgroup/pod/gateway/memory.max", "max\n");
  kernel.write("/sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
  kernel.write("/sys/fs/cgroup/pod/memory.max", "536870912\n");
  auto const found = read_machine(kernel.root());
  EXPECT_GE(found.cores, 1U);
  EXPECT_EQ(found.memory, std::uint64_t{4} << 30);
  EXPECT_EQ(found.cpu_quota, 1.5);
  EXPECT_EQ(found.group_memory, 536870912U);
}

TEST(machine, groups_of_version_1_count_too) {
  kernel_files kernel;
  kernel.write("/proc/self/cgroup", "4:cpu,cpuacct:/docker/1\n9:memory:/docker/1\n");
  kernel.write("/proc/self/mountinfo",
               "32 31 0:29 /docker/1 /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
               "35 31 0:32 /docker/1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  kernel.write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n");
  kernel.write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  kernel.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n");
  auto const found = read_machine(kernel.root());
  EXPECT_EQ(found.cpu_quota, 0.5);
  EXPECT_EQ(found.group_memory, 134217728U);
}

TEST(machine, without_any_such_file_only_the_machine_bounds_the_process) {
  auto const found = read_machine("/no/such/folder");
  EXPECT_GE(found.cores, 1U);
  EXPECT_GT(found.memory, 0U);
  EXPECT_EQ(found.cpu_quota, std::nullopt);
  EXPECT_EQ(found.group_memory, std::nullopt);
}

}  // namespace
}  // namespace gateway::test::machine_test
