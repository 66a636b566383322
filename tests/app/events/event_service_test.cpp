// What a delivery of events is answered with, and what it changes, without a socket.
#include "app/events/event_service.hpp"

#include <gtest/gtest.h>

#include "cache/entries.hpp"
#include "events/deliveries.hpp"
#include "io/runtime/clock.hpp"
#include "polling/lives.hpp"

namespace gateway::test::event_service_test {
namespace {

using namespace std::chrono_literals;
using namespace deliveries;

constexpr short_hash_key table_key{std::byte{2}};

// The fleet, as a list of what it was told.
struct told_fleet final : fleet_notices {
  std::vector<std::string> all;
  void refused(const partition&) override {}
  void refused_unknown(const partition&) override {}
  void changed(const call_sid& call) override { all.push_back("changed " + std::string{call.view().substr(33)}); }
  void event(std::uint64_t, const call_event& what) override { all.push_back("event " + std::string{what.call.view().substr(33)}); }
};

struct event_service_test : testing::Test {
  worker at{1};
  client from;
  shared_cache cache{{1 << 20, 1 << 20}, table_key};
  told_fleet fleet;
  unsigned noted = 0;
  fleet_notices* notices = &fleet;
  polled_calls polled{look_rules{}, table_key};
  held_readers held{100, table_key};
  event_effects effects{{table_key, cache, polled, held, notices}};
  event_service service{*event_url::parse(public_url), event_signers{token}, effects, [this](const call_event&) { ++noted; }};
  instant const began = now();

  static task<void> watch(std::shared_ptr<held_call> call, bool& woke) {
    co_await call->wakes->sleep_until(mono_now() + 1h);
    woke = true;
  }
  // The status of the answer.
  int deliver(const std::string& body, const std::string& signed_by = token) {
    auto const query = hash_parameter(body);
    auto const text = "POST /webhook?" + query +
                      " HTTP/1.1\r\nHost: a\r\nX-Twilio-Signature: " + signature(signed_by, std::string{public_url} + "?" + query) +
                      "\r\n\r\n";
    auto head = *parse_head(text, {});
    head.content = body;
    std::string out;
    exchange one{at, from, began.mono, began.mono, &head, out};
    EXPECT_FALSE(service.answer_now(one));
    EXPECT_TRUE(out.starts_with("HTTP/1.1 " + std::to_string(one.record.status))) << out;
    return one.record.status;
  }
  std::string about(unsigned call, std::string_view id, std::chrono::seconds ago = 0s, std::string_view kind = "complete") {
    auto const when = std::chrono::floor<std::chrono::seconds>(began.wall - ago);
    auto const days = std::chrono::floor<std::chrono::days>(when);
    std::chrono::year_month_day const day{days};
    std::chrono::hh_mm_ss const clock{when - days};
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", int{day.year()}, unsigned{day.month()}, unsigned{day.day()},
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return "[" + event(kind, id, call_number(call).view(), text) + "]";
  }
  static cache_key key(unsigned call, unsigned owner = 0) { return {key_number(0, owner).owner, call_number(call), table_key}; }
  void store(answer_kind kind, unsigned call, std::chrono::seconds asked_ago = 0s, unsigned owner = 0) {
    auto made = made_answer(kind, {}, began.mono - asked_ago, began.mono);
    made->gone_by = began.wall + 1h;
    cache.insert(key(call, owner), std::move(made), cache.generation(call_number(call)), began);
  }
  bool is_old(unsigned call, unsigned owner = 0) { return cache.find(key(call, owner), began).purged; }
};

TEST_F(event_service_test, an_event_makes_old_what_was_not_ready) {
  store(answer_kind::not_ready, 1);
  store(answer_kind::not_ready, 1, 0s, 7);
  store(answer_kind::not_ready, 2);
  auto const generation = cache.generation(call_number(1));
  EXPECT_EQ(deliver(about(1, "EZ1")), 204);
  EXPECT_TRUE(is_old(1));
  EXPECT_TRUE(is_old(1, 7)) << "for every credential";
  EXPECT_FALSE(is_old(2));
  EXPECT_NE(cache.generation(call_number(1)), generation) << "an answer under way is not stored";
  EXPECT_EQ(fleet.all, (std::vector<std::string>{"changed 1", "event 1"}));
}

TEST_F(event_service_test, an_event_that_comes_again_is_a_duplicate) {
  EXPECT_EQ(deliver(about(1, "EZ1")), 204);
  store(answer_kind::not_ready, 1);
  EXPECT_EQ(deliver(about(1, "EZ1")), 204);
  EXPECT_FALSE(is_old(1));
  EXPECT_EQ(fleet.all.size(), 2u) << "the fleet is told once";
  EXPECT_EQ(noted, 1u) << "and a prefetch is made once";
  EXPECT_EQ(deliver(about(1, "EZ2")), 204);
  EXPECT_TRUE(is_old(1));
}

TEST_F(event_service_test, a_complete_summary_is_doubted_only_if_it_is_surely_older) {
  store(answer_kind::complete, 1);
  store(answer_kind::complete, 2, 2h);
  auto const generation = cache.generation(call_number(1));
  EXPECT_EQ(deliver(about(1, "EZ1")), 204);
  EXPECT_EQ(deliver(about(2, "EZ2")), 204);
  EXPECT_FALSE(is_old(1));
  EXPECT_EQ(cache.generation(call_number(1)), generation);
  EXPECT_TRUE(is_old(2));
  EXPECT_EQ(fleet.all, (std::vector<std::string>{"event 1", "changed 2", "event 2"}));
}

TEST_F(event_service_test, an_event_from_before_the_question_changes_nothing) {
  store(answer_kind::not_ready, 1);
  auto const generation = cache.generation(call_number(1));
  EXPECT_EQ(deliver(about(1, "EZ1", 6min)), 204);
  EXPECT_FALSE(is_old(1));
  EXPECT_EQ(cache.generation(call_number(1)), generation);
  EXPECT_EQ(deliver(about(1, "EZ2", 4min)), 204);
  EXPECT_TRUE(is_old(1)) << "the clocks may differ by five minutes";
}

TEST_F(event_service_test, only_complete_makes_old) {
  store(answer_kind::not_ready, 1);
  EXPECT_EQ(deliver(about(1, "EZ1", 0s, "partial")), 204);
  EXPECT_EQ(deliver(about(1, "EZ2", 0s, "predicted-complete")), 204);
  EXPECT_FALSE(is_old(1)) << "it is still true that the summary is not complete";
  EXPECT_EQ(fleet.all, (std::vector<std::string>{"event 1", "event 1"}));
}

TEST_F(event_service_test, an_event_may_name_any_moment) {
  store(answer_kind::not_ready, 1);
  for (std::string_view const when : {"1700-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z"})
    EXPECT_EQ(deliver("[" + event("complete", when, call_number(1).view(), when) + "]"), 204) << when;
  EXPECT_TRUE(is_old(1)) << "a moment in the future is now";
}

TEST_F(event_service_test, what_is_not_twilios_changes_nothing) {
  store(answer_kind::not_ready, 1);
  EXPECT_EQ(deliver(about(1, "EZ1"), "another token"), 403);
  EXPECT_FALSE(is_old(1));
  EXPECT_TRUE(fleet.all.empty());
  EXPECT_EQ(deliver(about(1, "EZ1")), 204) << "it was not noted either";
  EXPECT_TRUE(is_old(1));
}

TEST_F(event_service_test, an_event_moves_the_next_look) {
  polled.note_not_ready(key(1), not_ready_answer_of(), began.mono, began);
  ASSERT_GT(*polled.next_look(key(1), began), began.mono);
  auto const later = now();
  EXPECT_EQ(deliver(about(1, "EZ1")), 204);
  EXPECT_LE(*polled.next_look(key(1), later), later.mono + 1s);
  EXPECT_FALSE(polled.next_look(key(1, 7), later)) << "a credential that did not ask is not looked for";
}

TEST_F(event_service_test, an_event_wakes_the_watch_of_held_readers) {
  held_lane lane{at.get_executor()};
  held_reader const reader{held, lane, key(1), processing_state::absent, 0, mono_now()};
  held_reader const other{held, lane, key(2), processing_state::absent, 0, mono_now()};
  bool woke = false, other_woke = false;
  at.start_task("watch", watch(reader.to_watch(), woke));
  at.start_task("watch", watch(other.to_watch(), other_woke));
  at.loop.poll();
  EXPECT_EQ(deliver(about(1, "EZ1", 0s, "partial")), 204);
  at.loop.restart();
  at.loop.poll();
  EXPECT_TRUE(woke);
  EXPECT_FALSE(other_woke);
  other.to_watch()->wakes->wake();
  at.loop.restart();
  at.loop.poll();
}

TEST_F(event_service_test, what_another_gateway_was_told_is_not_told_again) {
  store(answer_kind::not_ready, 1);
  call_event const what{event_kind::complete, call_number(1), {}, began.wall};
  effects.heard(5, what, began);
  EXPECT_TRUE(is_old(1));
  EXPECT_TRUE(fleet.all.empty());
}

}  // namespace
}  // namespace gateway::test::event_service_test
