// The requests of one kind of resource that wait in an account: for each class of clients a fair queue, and the pace at which permits are
// granted to its requests. Which class comes next is the account's decision, because it concerns all kinds.
// Thread rule: none of its own; its owner locks. Time rule: `now` is an argument.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/limit/client_loads.hpp"
#include "core/limit/permit_rate.hpp"
#include "core/limit/permit_request.hpp"

namespace gateway {

class class_queue {
public:
  using client_queue = fair_queue::client_queue;

  void push(const permit_request_ptr& one, fair_queue::position where, const client_loads& loads, mono_time now);
  bool remove(permit_request& one, const client_loads& loads);
  // Another client wants the same. The request becomes that client's if it is served sooner so; bulk becomes interactive if either is.
  void join(const permit_request_ptr& one, const requester& who, const client_loads& loads, mono_time now);
  // The next request of a client of this class that may be sent; null if there is none.
  template <class ClientMay>
  permit_request_ptr take(client_class group, ClientMay client_may, const client_loads& loads, mono_time now) {
    auto& line = lines_[static_cast<std::size_t>(group)];
    // Each client at its own bound has exchanges in flight, so they are no more than those.
    auto const may = [&](const client_queue& one) { return client_may(one.client) && has_room(one, loads); };
    auto one = line.queue.pop_if(may, [](const permit_request&) { return true; });
    if (one) line.pace.granted(now);
    settle(line, loads);
    return one;
  }
  void interrupted(mono_time until) {
    for (auto& one : lines_) one.pace.interrupted(until);
  }

  // When the last request of this one's client will have its permit, as the pace says. nullopt: it is not known yet.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> paced_wait(const permit_request& one, const client_loads& loads,
                                                                   mono_time now) const;
  // The same, by the few permits that were seen and the time without one.
  [[nodiscard]] std::chrono::nanoseconds wait_so_far(const permit_request& one, const client_loads& loads, mono_time now) const;
  // The same, as the client's own bound says; 0: it has none. `exchange`: how long one takes.
  [[nodiscard]] std::chrono::nanoseconds wait_of_bound(const permit_request& one, std::chrono::nanoseconds exchange) const;
  // How many of the requests that wait could be sent if there were slots; `client_may` is about everything but the client's own bound.
  template <class ClientMay>
  [[nodiscard]] std::uint64_t sendable(ClientMay client_may, const client_loads& loads) const {
    std::uint64_t sum = 0;
    for (auto const& line : lines_) {
      sum += line.queue.sum_of([&](const client_queue& one) -> std::uint64_t {
        return client_may(one.client) ? std::min<std::uint64_t>(one.waiting.size(), loads.room_of(one.waiting.front()->who)) : 0;
      });
    }
    return sum;
  }
  // Whether any of them waits for more than its client's own bound.
  [[nodiscard]] bool waits_for_slots(const client_loads& loads) const;

  [[nodiscard]] std::size_t size() const { return size_of(client_class::interactive) + size_of(client_class::bulk); }
  [[nodiscard]] std::size_t size_of(client_class group) const { return line_of(group).queue.size(); }
  [[nodiscard]] double longest(client_class group) const { return line_of(group).queue.longest(); }
  [[nodiscard]] double rounds_of(const permit_request& one) const { return line_of(one.who.share.group).queue.rounds_of(one.client()); }
  [[nodiscard]] permit_request_ptr last_of_longest(client_class group) const { return line_of(group).queue.last_of_longest(); }
  [[nodiscard]] std::vector<permit_request_ptr> all() const;

private:
  struct line {
    fair_queue queue;
    permit_rate pace;  // of requests that leave the queue with a permit
  };
  [[nodiscard]] const line& line_of(client_class group) const { return lines_[static_cast<std::size_t>(group)]; }
  [[nodiscard]] std::chrono::nanoseconds wait_at(std::chrono::nanoseconds between, const permit_request& one,
                                                 const client_loads& loads) const;
  line& line_of(const permit_request& one) { return lines_[static_cast<std::size_t>(one.who.share.group)]; }
  [[nodiscard]] static bool has_room(const client_queue& one, const client_loads& loads) {
    return loads.has_room(one.waiting.front()->who);
  }
  // When no request waits any more but those of clients at their own bound, the measured rate does not apply to the next one.
  static void settle(line& one, const client_loads& loads);

  std::array<line, client_class_count> lines_;
};

}  // namespace gateway
