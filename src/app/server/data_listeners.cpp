#include "app/server/data_listeners.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/settings/listening.hpp"

namespace gateway {

// A listener of that address that is not `taken`. An open one is preferred to one that was removed.
data_listener* data_listeners::find(const listener_settings& values, const claimed& taken) const {
  auto const where = *parse_endpoint(values.address);
  data_listener* found = nullptr;
  for (auto const& one : all_) {
    bool const fits = std::ranges::find(taken, one.get()) == taken.end() && is_same_place(*parse_endpoint(one->values.address), where);
    if (fits && (found == nullptr || (one->is_open() && !found->is_open()))) found = one.get();
  }
  return found;
}

// True if a listener at the same port is about to be removed for this one. Until then both are bound to the port.
bool data_listeners::makes_room(const endpoint& where, const claimed& staying) const {
  return std::ranges::any_of(all_, [&](const auto& one) {
    bool const goes = one->is_open() && std::ranges::find(staying, one.get()) == staying.end();
    return goes && !where.is_unix() && !one->sockets.front().where().is_unix() && one->sockets.front().where().port == where.port;
  });
}

std::vector<data_listeners::reading> data_listeners::read(const std::vector<listener_settings>& next) {
  std::vector<reading> all;
  all.reserve(next.size());
  for (auto const& one : next) all.push_back({certificate_watch::read(one.tls), find_owner(one.owner)});
  return all;
}

// `read`: of the same listeners, in the same order.
data_listeners::plan data_listeners::prepare(const std::vector<listener_settings>& next, std::vector<reading> read,
                                             inherited_sockets& inherited, std::vector<std::string>& problems) {
  plan made;
  claimed staying;
  for (auto const& values : next) {
    auto& one = made.emplace_back();
    one.values = values;
    one.found = std::move(read[made.size() - 1]);
    one.known = find(values, staying);
    if (one.known != nullptr) staying.push_back(one.known);
  }
  for (auto& one : made) {
    std::string why_not = one.found.tls.why_not;
    bool good = one.found.tls.made != nullptr;
    if (good && one.known != nullptr && one.known->is_open()) {
      good = one.known->values.mode == one.values.mode && one.known->values.owner == one.values.owner;
      if (!good) why_not = "a change of mode or owner of " + one.values.address + " needs a restart";
      if (one.known->values.upstream != one.values.upstream) {  // defence: listener-keeps-upstream
        good = false;
        why_not = "a change of the upstream of " + one.values.address + " needs a restart";
      }
    } else if (good) {
      good = open(one, staying, inherited, why_not);
    }
    if (!good) problems.push_back("listeners: " + why_not);
  }
  return made;
}

bool data_listeners::open(wanted& one, const claimed& staying, inherited_sockets& inherited, std::string& why_not) const {
  auto where = *parse_endpoint(one.values.address);
  one.sockets = inherited.take(where);
  auto const count = !one.sockets.empty() ? one.sockets.size() : where.is_unix() ? 1 : lanes_;
  while (one.sockets.size() < count) {
    bool const shared = !one.sockets.empty() || makes_room(where, staying);
    auto made = listening_socket::open(where, {one.values.mode, one.values.owner, one.found.owner}, shared, why_not);
    if (!made.is_open()) return false;
    where = made.where();  // port 0 became a port: the other lanes share it
    one.sockets.push_back(std::move(made));
  }
  // Each lane gets a socket and each socket a lane: lanes share a single socket, and a predecessor may have had more lanes.
  one.lanes.resize(lanes_);
  try {
    for (std::size_t i = 0; i < std::max(lanes_, one.sockets.size()); ++i)
      one.lanes[i % lanes_].push_back(one.sockets[i % one.sockets.size()].duplicate());
  } catch (const std::runtime_error& error) {
    why_not = error.what();
    return false;
  }
  return true;
}

data_listeners::change data_listeners::commit(plan made) {
  change result;
  claimed staying;
  for (auto& one : made) {
    if (one.known == nullptr) {
      auto const same = std::ranges::count_if(all_, [&](const auto& other) { return other->values.address == one.values.address; });
      all_.push_back(std::make_unique<data_listener>(one.values));
      one.known = all_.back().get();
      one.known->name = same == 0 ? one.values.address : one.values.address + "#" + std::to_string(same + 1);
      one.known->connections.listener = static_cast<std::uint16_t>(all_.size() - 1);
    }
    staying.push_back(one.known);
    one.known->values = std::move(one.values);
    one.known->trust.replace(std::make_shared<const listener_trust>(trust_of(one.known->values)));
    one.known->certificate.take(std::move(one.found.tls));
    if (one.sockets.empty()) continue;
    one.known->sockets = std::move(one.sockets);
    result.opened.push_back({one.known, std::move(one.lanes)});
  }
  auto names = std::make_shared<std::vector<std::string>>();
  for (auto const& one : all_) {
    names->push_back(one->name);
    if (!one->is_open() || std::ranges::find(staying, one.get()) != staying.end()) continue;
    one->sockets.clear();
    result.closed.push_back(one.get());
  }
  names_.replace(std::move(names));
  return result;
}

void data_listeners::close() {
  for (auto const& one : all_) one->sockets.clear();
}

}  // namespace gateway
