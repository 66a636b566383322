#include "core/settings/machine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::uint64_t most_workers = 256;
constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t own_memory = 32 * mib;              // deploy/docs/operate.md, Sizing, rounded up
constexpr std::uint64_t connection_memory = 16 * 1024;      // of an open connection, over TLS
constexpr std::uint64_t no_limit = std::uint64_t{1} << 60;  // version 1 writes a number near 2^63 for none

std::string_view next(std::string_view& rest, char end) {
  auto const part = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

bool lists(std::string_view names, std::string_view wanted) {
  while (!names.empty()) {
    if (next(names, ',') == wanted) return true;
  }
  return false;
}

// "3:cpu,cpuacct:/a/b" → "/a/b" for cpu; "0::/a/b" for version 2, which `controller` "" stands for. "/" if the process is in none.
std::string_view group_of(std::string_view own, std::string_view controller) {
  while (!own.empty()) {
    auto line = next(own, '\n');
    next(line, ':');
    auto const controllers = next(line, ':');
    if (controller.empty() ? controllers.empty() : lists(controllers, controller)) return line;
  }
  return "/";
}

// Blanks and backslashes of a path are three octal digits there.
std::string unescaped(std::string_view text) {
  std::string made;
  while (!text.empty()) {
    auto const digits = text.substr(0, 4);
    bool const is_escape =
        digits.size() == 4 && digits.front() == '\\' && std::ranges::all_of(digits.substr(1), [](char c) { return c >= '0' && c <= '7'; });
    made += is_escape ? static_cast<char>((digits[1] - '0') * 64 + (digits[2] - '0') * 8 + (digits[3] - '0')) : text.front();
    text.remove_prefix(is_escape ? 4 : 1);
  }
  return made;
}

// "36 35 0:30 ROOT POINT options optional - TYPE source super-options".
struct mount {
  std::string root, point;
  std::string_view type, options;
};
mount parse_mount(std::string_view line) {
  mount made;
  for (int skipped = 0; skipped < 3; ++skipped) next(line, ' ');
  made.root = unescaped(next(line, ' '));
  made.point = unescaped(next(line, ' '));
  static constexpr std::string_view separator = " - ";
  auto const behind = line.find(separator);
  if (behind == std::string_view::npos) return made;
  line.remove_prefix(behind + separator.size());
  made.type = next(line, ' ');
  next(line, ' ');
  made.options = line;
  return made;
}

// From the group's own folder up to the mount's. A group outside of what is mounted here is seen as the mount itself.
std::vector<std::string> folders(const mount& at, std::string_view group) {
  std::vector<std::string> all;
  auto const root = at.root == "/" ? std::string_view{} : std::string_view{at.root};
  bool const is_below = group.starts_with(root) && (group.size() == root.size() || group[root.size()] == '/');
  std::string below{is_below ? group.substr(root.size()) : ""};
  for (; below.size() > 1; below.resize(below.rfind('/'))) {
    if (below.find("/../") != std::string::npos || below.ends_with("/..")) break;  // above the namespace's root
    all.push_back(at.point + below);
  }
  all.push_back(at.point);
  return all;
}

}  // namespace

group_folders find_groups(std::string_view own, std::string_view mounts) {
  group_folders found;
  while (!mounts.empty()) {
    auto const at = parse_mount(next(mounts, '\n'));
    if (at.type == "cgroup2" && found.unified.empty()) found.unified = folders(at, group_of(own, ""));
    if (at.type != "cgroup") continue;
    if (found.cpu.empty() && lists(at.options, "cpu")) found.cpu = folders(at, group_of(own, "cpu"));
    if (found.memory.empty() && lists(at.options, "memory")) found.memory = folders(at, group_of(own, "memory"));
  }
  return found;
}

std::optional<double> cpu_bound(std::string_view cfs_quota_us, std::string_view cfs_period_us) {
  auto const quota = parse_decimal(trim_ows(next(cfs_quota_us, '\n')));
  auto const period = parse_decimal(trim_ows(next(cfs_period_us, '\n')));
  if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<double> cpu_bound(std::string_view cpu_max) {
  auto const quota = next(cpu_max, ' ');
  return cpu_bound(quota, cpu_max);
}

std::optional<std::uint64_t> memory_bound(std::string_view memory_max) {
  auto const bytes = parse_decimal(trim_ows(next(memory_max, '\n')));
  return bytes && *bytes < no_limit ? std::optional<std::uint64_t>{*bytes} : std::nullopt;
}

std::uint64_t total_memory(std::string_view meminfo) {
  static constexpr std::string_view key = "MemTotal:";
  while (!meminfo.empty()) {
    auto line = next(meminfo, '\n');
    if (!line.starts_with(key)) continue;
    line = trim_ows(line.substr(key.size()));
    return parse_decimal(next(line, ' ')).value_or(0) * 1024;
  }
  return 0;
}

std::uint64_t memory_for(const machine_bounds& bounds) {
  auto const of_machine = bounds.memory == 0 ? std::numeric_limits<std::uint64_t>::max() : bounds.memory;
  return bounds.group_memory ? std::min(*bounds.group_memory, of_machine) : bounds.memory;
}

std::uint64_t workers_for(const machine_bounds& bounds) {
  auto count = bounds.cores;
  if (bounds.cpu_quota) count = std::min(count, static_cast<std::uint64_t>(std::ceil(std::min<double>(*bounds.cpu_quota, most_workers))));
  return std::clamp<std::uint64_t>(count, 1, most_workers);
}

std::uint64_t cache_bytes_for(const machine_bounds& bounds, std::uint64_t connections) {
  static constexpr std::uint64_t least = 16 * mib;
  static constexpr std::uint64_t usual = 256 * mib;
  static constexpr std::uint64_t most = 1024 * 1024 * mib;
  auto const memory = memory_for(bounds);
  if (memory == 0) return usual;
  auto const margin = own_memory + std::min(connections, most) * connection_memory;
  auto const left = memory - std::min(memory, margin);
  // Other programs share a machine. A full cache takes a few per cent more than its bytes, and fragments while it changes.
  auto const share = memory == bounds.group_memory ? left / 4 * 3 : left / 2;
  return std::clamp(share / mib * mib, least, most);
}

}  // namespace gateway
