// Readers that are held in several gateways of a fleet share one schedule of looks, whatever they wait for.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>

#include "fleet/replicas.hpp"
#include "request/played_twilio.hpp"

namespace gateway::test::held_looks_test {
namespace {

using stage = played_twilio::stage;

// A look may follow another one at once.
settings without_distance() {
  settings values;
  values.cache.freshness.not_ready_for = {};
  return values;
}

// A client that waits for a call.
struct waiting_client {
  waiting_client(worker& at, replica& from, const std::string& authorization, std::string_view query)
      : text("GET /v1/Voice/" + tenants::sid("CA", 0) + "/Summary" + std::string{query} +
             " HTTP/1.1\r\nHost: gateway.test\r\nPrefer: wait=25\r\nAuthorization: " + authorization + "\r\n\r\n") {
    head = *parse_head(text, {});
    auto const came = mono_now();
    one.emplace(at, from.connections[0], came, came, &head, out);
  }
  std::string text, out;
  request_head head;
  std::optional<exchange> one;
  bool answered = false;
};

struct held_looks : testing::Test {
  held_looks() {
    for (std::size_t i = 0; i < replicas; ++i) {
      all.push_back(std::make_unique<replica>(at, twilio, link, keys, marks, rules_of(mode::partition, world, 0), i));
      link.replicas.insert(all.back()->marks.replica());
    }
    link.publish = [this](const std::string& message) {
      for (auto const& one : all) one->tier.heard(message);
    };
  }
  ~held_looks() override {
    for (auto const& one : all) one->shared.held.release_all();
    until([&] { return at.live.count() == 0; });
  }

  static task<void> wait(replica& from, data_service::pending what, waiting_client& client) {
    auto waiting = from.service.answer_later(std::move(what), *client.one);
    co_await std::move(waiting);
    client.answered = true;
  }
  // Of that replica.
  waiting_client& hold(std::size_t of, std::string_view query) {
    auto& from = *all[of];
    auto& client = clients.emplace_back(at, from, world.authorization(parent), query);
    auto what = from.service.answer_now(*client.one);
    EXPECT_TRUE(what);
    auto const before = from.shared.held.held();
    if (what) at.start_task("client", wait(from, *std::move(what), client));
    until([&] { return from.shared.held.held() == before + 1; });
    return client;
  }
  // A look that was sent just before an event counts as made after it, so it comes a moment later; by the engine's clock much later, which
  // stands still while the watches wait.
  void hear(event_kind what) {
    constexpr std::chrono::milliseconds later{200};
    instant const then{now().mono + later, now().wall + later};
    link.now += 10'000;
    for (auto const& one : all) {
      one->shared.polled.hear({what, call, std::nullopt, then.wall}, then);
      one->shared.held.look_now(call);
    }
  }
  // When all that was caused has been done.
  [[nodiscard]] std::size_t looks_after(std::size_t most) {
    until([&] { return twilio.targets.size() >= most; });
    at.loop.restart();
    at.loop.poll();
    return twilio.targets.size();
  }
  template <class Condition>
  void until(Condition&& is_so) {
    at.loop.restart();
    while (!is_so() && at.loop.run_one() > 0) continue;
  }

  tenants world;
  worker at{1, without_distance()};
  played_twilio twilio;
  model_engine link{1, false};
  fleet_keys keys = keys_of_all();
  marks_of_all marks;
  std::vector<std::unique_ptr<replica>> all;
  std::list<waiting_client> clients;
  call_sid const call = *call_sid::parse(tenants::sid("CA", 0));
};

TEST_F(held_looks, of_readers_that_take_a_partial_are_made_once) {
  hold(0, "?ProcessingState=partial");
  hold(1, "?ProcessingState=partial");
  hold(2, "");
  auto const asked = twilio.targets.size();
  hear(event_kind::complete);
  EXPECT_EQ(looks_after(asked + 1), asked + 1);
}

// A partial is nothing that gateways share: each one that has readers for it asks for it, once.
TEST_F(held_looks, find_a_partial_for_all_who_take_one_and_for_no_others) {
  auto& first = hold(0, "?ProcessingState=partial");
  auto& second = hold(1, "?ProcessingState=all");
  auto& complete = hold(2, "");
  auto const asked = twilio.targets.size();
  twilio.at[0] = stage::partial;
  hear(event_kind::partial);
  until([&] { return first.answered && second.answered; });
  EXPECT_EQ(looks_after(asked + 2), asked + 2);
  for (auto const* const one : {&first, &second}) {
    EXPECT_TRUE(one->out.starts_with("HTTP/1.1 200 ")) << one->out;
    EXPECT_NE(one->out.find(R"("processing_state":"partial")"), std::string::npos);
  }
  EXPECT_FALSE(complete.answered);
  twilio.at[0] = stage::complete;
  hear(event_kind::complete);
  until([&] { return complete.answered; });
  EXPECT_NE(complete.out.find(R"("processing_state":"complete")"), std::string::npos);
}

}  // namespace
}  // namespace gateway::test::held_looks_test
