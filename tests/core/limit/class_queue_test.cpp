// Clients that wait for their own bound are passed over. Each has an exchange in flight, so a turn tries no more clients than those and
// one.
#include "core/limit/class_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace gateway::test::class_queue_test {
namespace {

using position = fair_queue::position;

constexpr std::uint64_t clients = 10'000;

permit_request_ptr asking(std::uint64_t client, std::uint64_t weight, std::uint64_t bound) {
  requester who;
  who.client = who.named = client;
  who.share = {weight, client_class::interactive, bound};
  return std::make_shared<permit_request>(who, mono_time{}, std::chrono::nanoseconds{});
}

TEST(class_queue, a_turn_tries_no_more_clients_than_exchanges_are_in_flight_however_many_wait) {
  for (std::uint64_t const at_bound : {0U, 40U, 400U}) {
    class_queue queue;
    client_loads loads;
    mono_time const now{};
    for (std::uint64_t client = 1; client <= clients; ++client) {
      bool const is_held_up = client <= at_bound;  // and heavy, so that its turn is due always
      for (int i = 0; i < 3; ++i) queue.push(asking(client, is_held_up ? 100 : 1, 1), position::last, loads, now);
      if (is_held_up) loads.began(asking(client, 100, 1)->who);
    }
    std::uint64_t tried = 0, most = 0;
    auto const counts = [&](std::uint64_t) { return ++tried > 0; };
    for (int turn = 0; turn < 2000; ++turn) {
      tried = 0;
      ASSERT_NE(queue.take(client_class::interactive, counts, loads, now), nullptr);
      most = std::max(most, tried);
    }
    EXPECT_EQ(most, at_bound + 1);
  }
}

}  // namespace
}  // namespace gateway::test::class_queue_test
