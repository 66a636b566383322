#include "io/net/inherited_sockets.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "core/base/supervision.hpp"
#include "core/settings/listening.hpp"
#include "io/runtime/notify_socket.hpp"

namespace gateway {
namespace {

constexpr int first_inherited = 3;

}  // namespace

bool inherited_sockets::take_from_environment(std::string& why_not) {
  auto const pid = taken_from_environment("LISTEN_PID");
  auto const fds = taken_from_environment("LISTEN_FDS");
  taken_from_environment("LISTEN_FDNAMES");  // addresses identify the sockets
  auto const count = static_cast<int>(inherited_count(pid, fds, static_cast<std::uint64_t>(::getpid())));
  for (int descriptor = first_inherited; descriptor < first_inherited + count; ++descriptor) {
    if (!adopt(descriptor, why_not)) return false;
  }
  return true;
}

bool inherited_sockets::adopt(int descriptor, std::string& why_not) {
  auto made = listening_socket::adopt(descriptor, why_not);
  if (!made.is_open()) return false;
  all_.push_back(std::move(made));
  return true;
}

std::vector<listening_socket> inherited_sockets::take(const endpoint& where) {
  auto const wanted = std::stable_partition(all_.begin(), all_.end(), [&](const auto& one) { return !is_same_place(one.where(), where); });
  std::vector<listening_socket> taken{std::move_iterator{wanted}, std::move_iterator{all_.end()}};
  all_.erase(wanted, all_.end());
  return taken;
}

std::string inherited_sockets::stranger(const std::vector<endpoint>& configured) const {
  for (auto const& one : all_) {
    auto const is_its = [&](const endpoint& where) { return is_same_place(one.where(), where); };
    if (std::none_of(configured.begin(), configured.end(), is_its)) return url_of(one.where(), false);
  }
  return {};
}

}  // namespace gateway
