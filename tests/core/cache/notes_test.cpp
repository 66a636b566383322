// Notes about exchanges that brought nothing to store: which exchange counts as a check, which as a failure, and which makes the entry old.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string_view>

#include "cache/entries.hpp"
#include "core/cache/lookup.hpp"

namespace gateway::notes_test {
namespace {

using namespace std::chrono_literals;
using enum processing_state;

// An answer with that status and body, requested at a given moment.
std::shared_ptr<entry> answer(int status, std::string_view body, std::chrono::nanoseconds asked, answer_kind kind = answer_kind::complete) {
  auto made = made_entry(kind, 0, at(asked + 30 * 24h));
  made->status = static_cast<std::uint16_t>(status);
  made->plain.wire = body;
  made->asked_at = made->stored_at = at(asked);
  return made;
}

lru_store store_with(const entry_ptr& stored) {
  lru_store store{{1 << 20, 1 << 20}};
  EXPECT_FALSE(store.insert(key_number(1), stored, {stored->asked_at, wall_epoch}));
  return store;
}

TEST(notes, what_each_answer_says_of_what_is_stored) {
  enum class is { nothing, a_look, feedback };
  struct row {
    std::string_view name;
    answer_kind stored;
    processing_state wanted;
    int status;
    std::string_view body;
    bool whole;
    std::chrono::nanoseconds asked;  // the stored one at 10 s
    is expected;
  };
  static constexpr row rows[] = {
      {"the same", answer_kind::complete, absent, 200, "kept", true, 20s, is::a_look},
      {"the same, by name", answer_kind::complete, complete, 200, "kept", true, 20s, is::a_look},
      {"the same, to all", answer_kind::complete, all, 200, "kept", true, 20s, is::a_look},
      {"another version", answer_kind::complete, absent, 200, "other", true, 20s, is::feedback},
      {"another version, asked for before", answer_kind::complete, absent, 200, "other", true, 5s, is::nothing},
      {"the same, asked for before", answer_kind::complete, absent, 200, "kept", true, 5s, is::nothing},
      {"a partial in answer to the same question", answer_kind::complete, absent, 200, "half", false, 20s, is::a_look},
      {"a partial for who asked for one", answer_kind::complete, partial, 200, "half", false, 20s, is::nothing},
      {"a refusal for who asked for a partial", answer_kind::complete, partial, 404, "no", true, 20s, is::nothing},
      {"a refusal", answer_kind::complete, absent, 404, "no", true, 20s, is::feedback},
      {"another status of the same body", answer_kind::complete, absent, 404, "kept", true, 20s, is::feedback},
      {"still not ready", answer_kind::not_ready, absent, 200, "kept", true, 20s, is::a_look},
      {"not ready, but any state would do", answer_kind::not_ready, all, 200, "half", false, 20s, is::nothing},
      {"not there any more", answer_kind::not_ready, complete, 404, "gone", true, 20s, is::feedback},
      {"permanent, for any state", answer_kind::permanent, all, 200, "kept", true, 20s, is::a_look},
  };
  for (auto const& r : rows) {
    auto store = store_with(answer(200, "kept", 10s, r.stored));
    auto const said = answer(r.status, r.body, r.asked);
    EXPECT_EQ(store.note_answer(key_number(1), {*said, r.wanted, r.whole}, at(21s)), r.expected == is::feedback) << r.name;
    auto const found = store.find(key_number(1), both(21s));
    EXPECT_EQ(found.purged, r.expected == is::feedback) << r.name;
    EXPECT_EQ(found.checked_at.has_value(), r.expected == is::a_look) << r.name;
    EXPECT_FALSE(store.note_answer(key_number(2), {*said, r.wanted, r.whole}, at(21s))) << "nothing there";
  }
}

TEST(notes, a_failure_lasts_until_an_answer) {
  auto store = store_with(answer(200, "kept", 0s));
  auto const failed_at = [&] { return store.find(key_number(1), both(9s)).failed_at; };
  store.note_failure(key_number(1), partial, at(1s));
  EXPECT_FALSE(failed_at()) << "of another question";
  store.note_failure(key_number(1), absent, at(2s));
  EXPECT_EQ(failed_at(), at(2s));
  EXPECT_FALSE(store.find(key_number(1), both(9s)).checked_at) << "a failure is no look";
  store.note_answer(key_number(1), {*answer(200, "kept", 3s), absent}, at(4s));
  EXPECT_FALSE(failed_at());
  store.note_failure(key_number(1), absent, at(5s));
  ASSERT_FALSE(store.insert(key_number(1), answer(200, "next", 6s), both(7s)));
  EXPECT_FALSE(failed_at());
  EXPECT_EQ(store.find(key_number(1), both(9s)).checked_at, at(7s)) << "an answer that takes the other one's place is a look at it";
}

TEST(notes, what_was_first_fetched_was_never_looked_at_again) {
  auto store = store_with(answer(200, "kept", 0s));
  EXPECT_FALSE(store.find(key_number(1), both(1s)).checked_at);
  EXPECT_TRUE(store.make_old(key_number(1)));
  EXPECT_FALSE(store.make_old(key_number(1))) << "it is already";
  EXPECT_FALSE(store.make_old(key_number(2)));
}

// The specification in its plainest form, for one entry: the stored version, and what is known since then.
struct model {
  int version = 0;  // 0: nothing is stored
  std::chrono::nanoseconds asked{0}, stored{0};
  bool old = false;
  std::optional<std::chrono::nanoseconds> checked, failed;

  [[nodiscard]] lookup look(std::chrono::nanoseconds now, bool insists, const freshness_policy& policy) const {
    if (version == 0 || now >= asked + 30 * 24h) return lookup::nothing;
    if (old) return lookup::purged;
    bool const just_checked = checked && now - *checked < policy.revalidate_after;
    bool const just_failed = failed && now - *failed < policy.revalidate_after;
    if (insists && !just_checked && !just_failed) return lookup::asked_newer;
    if (now < stored + policy.fresh_for) return insists ? just_failed ? lookup::hit_failed : lookup::hit_checked : lookup::hit;
    if (failed && now - *failed < policy.refresh_backoff + 30s) return lookup::stale;
    return now >= stored + policy.fresh_for + policy.stale_for ? lookup::overdue : lookup::stale;
  }
};

// Random histories of three entries: stored, checked without storing, failed, made old, purged, and with reloaded settings.
TEST(notes, random_histories_mean_what_the_model_says) {
  request_cache_control insisting;
  insisting.add_cache_control("no-cache");
  std::map<lookup, int> met;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random{seed};
    lru_store store{{1 << 20, 1 << 20}};
    model all[3];
    freshness_policy policy;
    auto now = std::chrono::nanoseconds{0};
    for (int step = 0; step < 200; ++step) {
      now += random() % 8 == 0 ? std::chrono::nanoseconds{std::chrono::seconds{random() % 60}} : std::chrono::milliseconds{random() % 600};
      auto const which = static_cast<unsigned>(random() % 3);
      auto& one = all[which];
      auto const key = key_number(which);
      auto const asked = now - std::chrono::milliseconds{random() % 300};
      int const version = one.version == 0 || random() % 3 == 0 ? static_cast<int>(1 + random() % 4) : one.version;
      auto const said = answer(200, std::to_string(version), asked);
      switch (random() % 12) {
        case 0:
        case 1: {
          auto const refused = store.insert(key, said, both(now));
          ASSERT_EQ(refused.has_value(), one.version != 0 && asked < one.asked) << seed << " " << step;
          if (!refused) one = {version, asked, asked, false, one.version != 0 ? std::optional{now} : std::nullopt, std::nullopt};
          break;
        }
        case 2:
        case 3: {
          bool const to_partial = random() % 3 == 0;
          store.note_answer(key, {*said, to_partial ? partial : absent}, at(now));
          if (one.version == 0 || to_partial || asked < one.asked) break;
          if (version != one.version) {
            one.old = true;
          } else {
            one.checked = now;
            one.failed.reset();
          }
          break;
        }
        case 4: {
          bool const to_partial = random() % 3 == 0;
          store.note_failure(key, to_partial ? partial : complete, at(now));
          if (one.version != 0 && !to_partial) one.failed = now;
          break;
        }
        case 5:
          if (random() % 6 != 0) break;
          store.make_old(key);
          one.old = one.version != 0;
          break;
        case 6:
          if (random() % 8 != 0) break;
          store.purge(key.call, key.call_bits(), random() % 2 == 0 ? purge_depth::soft : purge_depth::hard);
          if (store.peek(key) == nullptr) one = {};
          one.old = one.version != 0;
          break;
        case 7:
          policy.fresh_for = std::chrono::seconds{1 + random() % 40};
          policy.stale_for = std::chrono::seconds{random() % 40};
          policy.revalidate_after = std::chrono::milliseconds{random() % 1500};
          policy.refresh_backoff = std::chrono::milliseconds{100 + random() % 9000};
          break;
        default: {
          bool const insists = random() % 2 == 0;
          auto const found = store.find(key, both(now));
          auto const expected = one.look(now, insists, policy);
          ASSERT_EQ(decide(found, absent, insists ? insisting : request_cache_control{}, both(now), policy).is, expected)
              << seed << " " << step;
          if (one.version != 0) {
            ASSERT_EQ(found.stored->plain.wire, std::to_string(one.version)) << seed << " " << step;
          }
          ++met[expected];
        }
      }
    }
  }
  for (auto const outcome :
       {lookup::hit, lookup::hit_checked, lookup::hit_failed, lookup::stale, lookup::asked_newer, lookup::overdue, lookup::purged})
    EXPECT_GT(met[outcome], 50) << name_of(outcome) << ": or the test shows nothing";
}

}  // namespace
}  // namespace gateway::notes_test
