#include "core/cache/lookup.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "cache/entries.hpp"

namespace gateway::lookup_test {
namespace {

using namespace std::chrono_literals;
using enum processing_state;

// Stored at 0, fresh for one hour, removed after two.
lru_store::found kept(answer_kind kind = answer_kind::complete) { return {made_entry(kind, 100, at(2h)), false, {}, {}}; }

lru_store::found purged() {
  auto found = kept();
  found.purged = true;
  return found;
}

lru_store::found checked(std::chrono::nanoseconds when) {
  auto found = kept();
  found.checked_at = at(when);
  return found;
}

lru_store::found failed(std::chrono::nanoseconds when, answer_kind kind = answer_kind::complete) {
  auto found = kept(kind);
  found.failed_at = at(when);
  return found;
}

// The upstream sent no-cache, and the settings respect it.
lru_store::found asking_first(std::chrono::nanoseconds checked_at = -1h) {
  auto made = made_entry(answer_kind::complete, 100, at(2h));
  made->ask_first = true;
  made->fresh_at_most = 1s;
  return {made, false, at(checked_at), {}};
}

request_cache_control cache_control(std::string_view cache_control) {
  request_cache_control made;
  if (!cache_control.empty()) made.add_cache_control(cache_control);
  return made;
}

TEST(lookup, decisions) {
  struct row {
    std::string_view name;
    lru_store::found found;
    processing_state wanted;
    std::string_view cache_control;
    std::chrono::nanoseconds asked;
    lookup expected;
  };
  const row rows[] = {
      {"nothing kept", {}, absent, "", 0s, lookup::nothing},
      {"nothing kept, and the client insists", {}, absent, "no-cache", 0s, lookup::nothing},
      {"fresh", kept(), absent, "", 10s, lookup::hit},
      {"fresh, asked for by name", kept(), complete, "", 10s, lookup::hit},
      {"fresh, all", kept(), all, "", 10s, lookup::hit},
      {"fresh, but a partial is wanted", kept(), partial, "", 10s, lookup::bypass},
      {"nothing kept, and a partial is wanted", {}, partial, "", 10s, lookup::bypass},
      {"its last fresh moment", kept(), absent, "", 1h - 1ns, lookup::hit},
      {"stale", kept(), absent, "", 1h, lookup::stale},
      {"its last moment", kept(), absent, "", 2h - 1ns, lookup::stale},
      {"gone", kept(), absent, "", 2h, lookup::nothing},
      {"gone, though purged", purged(), absent, "", 2h, lookup::nothing},
      {"not ready", kept(answer_kind::not_ready), absent, "", 2h - 1ns, lookup::hit},
      {"not ready, and the next look is due", kept(answer_kind::not_ready), absent, "", 2h, lookup::nothing},
      {"not ready, but any state would do", kept(answer_kind::not_ready), all, "", 4s, lookup::unsuited},
      {"permanent, any state", kept(answer_kind::permanent), all, "", 10s, lookup::hit},
      {"purged", purged(), absent, "", 10s, lookup::purged},
      {"purged and stale", purged(), absent, "", 1h, lookup::purged},
      {"purged, and the client insists as well", purged(), absent, "no-cache", 10s, lookup::purged},
      {"insisted on", kept(), absent, "no-cache", 10s, lookup::asked_newer},
      {"insisted on in the second it was stored", kept(), absent, "no-cache", 0s, lookup::asked_newer},
      {"young enough", kept(), absent, "max-age=10", 10s, lookup::hit},
      {"too old for this client", kept(), absent, "max-age=9", 10s, lookup::asked_newer},
      {"insisted on, stale", kept(), absent, "no-cache", 1h, lookup::asked_newer},
      {"insisted on, asked a moment ago", checked(10s), absent, "no-cache", 10s + 999ms, lookup::hit_checked},
      {"insisted on, asked a second ago", checked(10s), absent, "no-cache", 11s, lookup::asked_newer},
      {"insisted on, asked a moment ago, stale", checked(1h), absent, "no-cache", 1h, lookup::stale},
      {"insisted on, the upstream failed a moment ago", failed(10s), absent, "no-cache", 10s + 999ms, lookup::hit_failed},
      {"insisted on, the upstream failed a second ago", failed(10s), absent, "no-cache", 11s, lookup::asked_newer},
      {"not insisted on, the upstream failed a moment ago", failed(10s), absent, "", 10s, lookup::hit},
      {"insisted on, failed, a refusal comforts nobody", failed(1s, answer_kind::not_ready), absent, "no-cache", 1s, lookup::asked_newer},
      {"no-cache upstream, its first second", asking_first(), absent, "", 1s - 1ns, lookup::hit},
      {"no-cache upstream, then", asking_first(), absent, "", 1s, lookup::ask_first},
      {"no-cache upstream, the same a moment ago", asking_first(10s), absent, "", 10s + 999ms, lookup::stale},
      {"no-cache upstream, the same a second ago", asking_first(10s), absent, "", 11s, lookup::ask_first},
      {"only what is there", kept(), absent, "only-if-cached", 10s, lookup::hit},
      {"only what is there, which is stale", kept(), absent, "only-if-cached", 1h, lookup::stale},
      {"may not be kept", kept(), absent, "no-store", 10s, lookup::hit},
  };
  for (auto const& r : rows) {
    EXPECT_EQ(decide(r.found, r.wanted, cache_control(r.cache_control), both(r.asked), {}).is, r.expected) << r.name;
  }
}

TEST(lookup, an_operator_may_narrow_whom_a_complete_summary_answers) {
  freshness_policy narrow;
  narrow.complete_answers[static_cast<std::size_t>(all)] = false;
  EXPECT_EQ(decide(kept(), all, {}, both(1s), narrow).is, lookup::unsuited);
  EXPECT_EQ(setting_of(lookup::unsuited, answer_kind::complete), "cache.serve_complete_for");
}

TEST(lookup, what_has_been_stale_for_long_is_given_only_while_the_upstream_fails) {
  freshness_policy brief;
  brief.stale_for = 10min;
  EXPECT_EQ(decide(kept(), absent, {}, both(1h + 10min - 1ns), brief).is, lookup::stale);
  EXPECT_EQ(decide(kept(), absent, {}, both(1h + 10min), brief).is, lookup::overdue);
  EXPECT_EQ(decide(purged(), absent, {}, both(1h + 10min), brief).is, lookup::purged);
  EXPECT_EQ(decide(kept(), absent, cache_control("no-cache"), both(1h + 10min), brief).is, lookup::asked_newer);
  auto const failing = decide(failed(1h + 9min + 30s), absent, {}, both(1h + 10min), brief);
  EXPECT_EQ(failing.is, lookup::stale) << "nobody waits for an upstream that fails";
  EXPECT_TRUE(failing.failing);
  // A failure counts only until the next refresh has had enough time.
  EXPECT_EQ(decide(failed(1h + 10min), absent, {}, both(1h + 10min + 35s - 1ns), brief).is, lookup::stale);
  auto const over = decide(failed(1h + 10min), absent, {}, both(1h + 10min + 35s), brief);
  EXPECT_EQ(over.is, lookup::overdue);
  EXPECT_FALSE(over.failing);
  EXPECT_EQ(decide(checked(1h + 10min), absent, {}, both(1h + 10min), brief).is, lookup::overdue) << "a look is no failure";
  EXPECT_EQ(setting_of(lookup::overdue, answer_kind::complete), "cache.stale_for");
  EXPECT_TRUE(may_serve_stale(lookup::overdue));
}

TEST(lookup, without_a_limit_every_insisting_client_is_obeyed) {
  freshness_policy open;
  open.revalidate_after = 0s;
  EXPECT_EQ(decide(checked(10s), absent, cache_control("no-cache"), both(10s), open).is, lookup::asked_newer);
}

TEST(lookup, each_has_a_name_and_a_sentence) {
  std::set<std::string_view> names;
  std::set<std::string_view> sentences;
  for (std::size_t i = 0; i < lookup_count; ++i) {
    names.insert(name_of(static_cast<lookup>(i)));
    sentences.insert(prose_of(static_cast<lookup>(i)));
  }
  EXPECT_EQ(names.size(), lookup_count);
  EXPECT_EQ(sentences.size(), lookup_count);
}

}  // namespace
}  // namespace gateway::lookup_test
