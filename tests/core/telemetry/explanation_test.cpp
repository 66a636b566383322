#include "core/telemetry/explanation.hpp"

#include <gtest/gtest.h>

#include <string>

#include "cache/entries.hpp"

namespace gateway::explanation_test {
namespace {

using namespace std::chrono_literals;

explained_call about(std::chrono::nanoseconds now, processing_state state = processing_state::absent) {
  return {call_number(7), state, both(now), {}, {}, {}, {}, {}, 0, {}, 0, {}, 0, {}};
}

lru_store::listed stored(unsigned owner) {
  return {key_number(7, owner).owner, {made_entry(answer_kind::complete, 100, at(2h)), false, {}, {}}, 1234, {}};
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(explanation, of_a_call_that_nobody_asked_for) {
  EXPECT_EQ(
      explain(about(0s)),
      R"({"call_sid":"CA00000000000000000000000000000007","processing_state":"absent","entries":[],"flights":[],"not_stored":[],"looks":[],)"
      R"("second_tier":"off","upstream":{"max_in_flight":0,"limit":0,"in_flight":0,"waiting":0,"accounts_cooling_down":0,"accounts_circuit_open":0,"accounts_refused":0,"paused_for":0},)"
      R"("any_other_credential":{"outcome":"nothing","why":"Nothing usable is cached: the upstream is asked and the client waits."}})");
}

TEST(explanation, of_a_stored_summary) {
  auto call = about(10s);
  call.stored = {stored(1)};
  EXPECT_TRUE(says(
      explain(call),
      R"("entries":[{"partition":1,"shared":false,"kind":"complete","status":200,"code":0,"freshness":"fresh","age":10,"ttl":3590,)"
      R"("gone_at":"Tue, 31 Mar 2026 02:00:00 GMT","bytes":1234,"gzip":false,"purged":false,"hidden":false,"refresh_failed":false,"refresh_held_back_for":0,)"
      R"("next":{"outcome":"hit","why":"It is fresh and is answered from memory.","setting":"cache.fresh_for"}}])"))
      << explain(call);
}

TEST(explanation, of_what_the_next_request_would_do) {
  auto stale = about(1h);
  stale.stored = {stored(1)};
  stale.stored[0].refresh_again_at = at(1h + 5s);
  stale.stored[0].state.failed_at = at(1h - 5s);
  EXPECT_TRUE(says(explain(stale), R"("freshness":"stale")"));
  EXPECT_TRUE(says(explain(stale), R"("refresh_failed":true,"refresh_held_back_for":5,"next":{"outcome":"stale")"));
  EXPECT_TRUE(says(explain(stale), R"("setting":"cache.refresh_backoff")"));
  auto purged = about(10s);
  purged.stored = {stored(1)};
  purged.stored[0].state.purged = true;
  EXPECT_TRUE(says(explain(purged), R"("purged":true)"));
  EXPECT_TRUE(says(explain(purged), R"("outcome":"purged")"));
  auto partial = about(10s, processing_state::partial);
  partial.stored = {stored(1)};
  EXPECT_TRUE(says(explain(partial), R"("processing_state":"partial")"));
  EXPECT_TRUE(says(explain(partial), R"("outcome":"bypass")"));
}

TEST(explanation, of_what_came_and_was_not_stored) {
  auto call = about(10s);
  call.why_not_stored = {{key_number(7, 3), not_stored::partial, at(4s)}};
  EXPECT_TRUE(says(explain(call), R"("not_stored":[{"partition":1,"reason":"partial","ago":6}])")) << explain(call);
}

TEST(explanation, of_when_a_call_that_is_not_ready_is_looked_at_again) {
  auto call = about(10min);
  call.looks = {{key_number(7, 3).owner, {at(30min), look_reason::complete_due}, 1min, 9min}};
  EXPECT_TRUE(says(
      explain(call),
      R"("looks":[{"partition":1,"last_ago":60,"next_at":"Tue, 31 Mar 2026 00:30:00 GMT","next_in":1200,)"
      R"("because":"the complete summary is expected polling.complete_after the end of the call","call_ended_ago":540,"held_readers":0}])"))
      << explain(call);
  call.looks.front().held = 3;
  call.looks.front().first_end = at(10min + 7s);
  EXPECT_TRUE(says(explain(call), R"("call_ended_ago":540,"held_readers":3,"first_hold_ends_in":7}])")) << explain(call);
}

TEST(explanation, of_what_a_fetch_would_meet) {
  auto call = about(10s);
  call.upstream.limit = 10;
  call.upstream.in_flight = 10;
  call.upstream.waiting = 7;
  call.upstream.cooling_down = 1;
  call.max_in_flight = 40;
  EXPECT_TRUE(says(
      explain(call),
      R"("upstream":{"max_in_flight":40,"limit":10,"in_flight":10,"waiting":7,"accounts_cooling_down":1,"accounts_circuit_open":0,"accounts_refused":0,"paused_for":0})"))
      << explain(call);
  call.paused_for = 89'100ms;
  EXPECT_TRUE(says(explain(call), R"("paused_for":90})"));
}

TEST(explanation, of_an_account_whose_credential_is_refused) {
  auto call = about(10s);
  call.stored = {stored(1), stored(2)};
  call.hidden = {call.stored[0].owner};
  call.accounts_refused = 1;
  EXPECT_TRUE(says(explain(call),
                   R"("hidden":true,"refresh_failed":false,"refresh_held_back_for":0,"next":{"outcome":"upstream_credential_refused",)"
                   R"("why":"The upstream refuses the gateway's credential for this account."}})"))
      << explain(call);
  EXPECT_TRUE(says(explain(call), R"("hidden":false)")) << "the other account is not affected";
  EXPECT_TRUE(says(explain(call), R"("accounts_refused":1,)"));
}

TEST(explanation, says_which_entry_is_for_all_who_hold_a_grant) {
  auto call = about(10s);
  call.stored = {stored(1), stored(2)};
  call.everybody = {key_number(7, 2).owner};
  EXPECT_TRUE(says(explain(call), R"({"partition":1,"shared":false)"));
  call.holders = 4;
  EXPECT_TRUE(says(explain(call), R"({"partition":2,"shared":true,"grants":4,)"));
}

// Credentials are numbered in the order of their appearance, and keep their number within one answer.
TEST(explanation, names_credentials_by_ordinals) {
  auto call = about(10s);
  call.stored = {stored(9), stored(5)};
  call.flights = {{key_number(7, 5).owner, processing_state::all, 3, true}, {key_number(7, 2).owner, processing_state::absent, 1}};
  auto const text = explain(call);
  EXPECT_TRUE(says(text, R"("entries":[{"partition":1,)"));
  EXPECT_TRUE(says(text, R"(},{"partition":2,"shared":false,"kind")"));
  EXPECT_TRUE(says(text, R"("flights":[{"partition":2,"processing_state":"all","waiting":3,"fetched_by":"another replica"},)"
                         R"({"partition":3,"processing_state":"absent","waiting":1,"fetched_by":"this gateway"}])"))
      << text;
}

TEST(explanation, of_a_clients_rights) {
  auto const account = [](char digit) { return *account_sid::parse("AC" + std::string(32, digit)); };
  constexpr client_method_set every_method{true, true, true};
  auto const next_of = [&](const right_set& may, const client_method_set& methods, std::vector<account_sid> subaccounts, bool is_stored) {
    auto call = about(10s);
    if (is_stored) call.stored = {stored(2), stored(1)};
    call.client = {"billing",
                   key_number(7, 1).owner,
                   std::make_shared<const client_rights>(may, methods, std::move(subaccounts)),
                   {"token", "certificate uri:spiffe://prod.example/*"},
                   {{3, client_class::bulk, 5}, 2}};
    auto const text = explain(call);
    auto const at = text.find(R"("client":)");
    return text.substr(at, text.find(R"("any_other_credential")") - at);
  };
  EXPECT_EQ(
      next_of(reading_rights(), every_method, {}, true),
      R"("client":{"name":"billing","known":true,"recognised_by":["token","certificate uri:spiffe://prod.example/*"],"may":["all"],"methods":["GET","HEAD","POST"],"subaccounts":[],)"
      R"("class":"bulk","weight":3,"in_flight":2,"max_in_flight":5,)"
      R"("next":{"outcome":"hit","why":"It is fresh and is answered from memory.","setting":"cache.fresh_for"}},)");
  EXPECT_TRUE(says(next_of(reading_rights(), every_method, {}, false), R"("outcome":"nothing")"));
  EXPECT_TRUE(says(next_of({}, every_method, {}, true), R"("outcome":"not_permitted")"));
  EXPECT_TRUE(says(next_of({}, every_method, {}, true), R"("setting":"credentials.clients[].may")"));
  EXPECT_TRUE(says(next_of(reading_rights(), {false, true, true}, {}, true), R"("setting":"credentials.clients[].methods")"));
  EXPECT_TRUE(says(next_of(reading_rights(), every_method, {account('9')}, true), R"("outcome":"account_unknown")"))
      << "this entry names none";
  auto call = about(10s);
  call.client = {"nobody"};
  EXPECT_TRUE(says(explain(call), R"("client":{"name":"nobody","known":false},)"));
}

TEST(explanation, of_a_clients_quota) {
  auto const of = [](std::uint64_t left, bool is_stored) {
    auto call = about(10s);
    if (is_stored) call.stored = {stored(1)};
    call.client = {"export", key_number(7, 1).owner, client_rights::usual(), {}};
    call.client->upstream.quota = quota_figures{"export", {1000, 1h}, left, 90'500ms};
    return explain(call);
  };
  EXPECT_TRUE(
      says(of(37, false), R"("quota":{"upstream_calls":1000,"per":3600,"used":963,"left":37,"resets_in":91},"next":{"outcome":"nothing")"));
  EXPECT_TRUE(says(of(0, false), R"("next":{"outcome":"quota_exhausted")"));
  EXPECT_TRUE(says(of(0, false), R"("setting":"credentials.clients[].quota")"));
  EXPECT_TRUE(says(of(0, true), R"("next":{"outcome":"hit")")) << "hits go on";
}

}  // namespace
}  // namespace gateway::explanation_test
