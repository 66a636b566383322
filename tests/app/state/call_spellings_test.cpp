// A CallSid has many spellings, which differ in the case of its digits. Answers are stored for each spelling apart, because their bytes may
// differ. Whatever erases or outdates answers about a call reaches all of them, whichever spelling it was told.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "app/request/fetch_runner.hpp"
#include "app/state/authorized_cache.hpp"
#include "app/state/pending_writes.hpp"
#include "app/state/polled_calls.hpp"
#include "cache/entries.hpp"
#include "core/cache/erasures.hpp"
#include "core/fleet/fleet_mark.hpp"
#include "polling/lives.hpp"

namespace gateway::call_spellings_test {
namespace {

using namespace std::chrono_literals;

constexpr short_hash_key table_key{std::byte{2}};
constexpr fingerprint_key credential_key{std::byte{1}};

// The first one is Twilio's own.
const std::vector<call_sid>& spellings() {
  static const auto all = [] {
    std::vector<call_sid> made;
    for (auto const* const digits :
         {"0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF", "0123456789aBcDeF0123456789AbCdEf"})
      made.push_back(*call_sid::parse("CA" + std::string{digits}));
    return made;
  }();
  return all;
}

cache_key key_of(const call_sid& call, unsigned owner = 1) {
  partition who;
  who.id[0] = static_cast<std::byte>(owner);
  return {who, call, table_key};
}

struct memory {
  explicit memory(sharing_mode sharing = sharing_mode::partition) : visible(all, rules_with(sharing), credential_key) {
    for (auto const& call : spellings()) {
      for (unsigned owner = 1; owner <= 2; ++owner) {
        authorized_cache::asked const when{all.generation(call), at(0s)};
        visible.learn(key_of(call, owner), credential_evidence::proven, account_number(1), when, at(0s));
        EXPECT_FALSE(
            visible.insert(key_of(call, owner), made_answer(answer_kind::complete, account_number(1), at(0s), at(0s)), when, both(0s)));
      }
    }
    EXPECT_FALSE(
        all.insert(other, made_answer(answer_kind::complete, account_number(1), at(0s), at(0s)), all.generation(other.call), both(0s)));
  }
  static credential_settings rules_with(sharing_mode sharing) {
    credential_settings rules;
    rules.sharing = sharing;
    return rules;
  }
  bool serves(const cache_key& key) {
    auto const found = visible.find(key, both(1s));
    return found.stored && !found.purged;
  }

  cache_key other = key_of(*call_sid::parse("CA" + std::string(32, 'b')));
  shared_cache all{{1 << 20, 1 << 20}, table_key};
  authorized_cache visible;
};

struct operation {
  const char* name;
  bool concerns_one_owner;
  std::function<void(memory&, const call_sid&)> run;
};

const std::vector<operation>& operations() {
  static const std::vector<operation> all{
      {"a soft purge", false,
       [](memory& m, const call_sid& call) {
         m.all.purge({call, {}}, purge_depth::soft);
       }},
      {"a hard purge", false,
       [](memory& m, const call_sid& call) {
         m.all.purge({call, {}}, purge_depth::hard);
       }},
      {"a purge of the fleet", false,
       [](memory& m, const call_sid& call) {
         auto const mark = fleet_mark::parse(fleet_mark::of_purge({call, {}}, purge_depth::hard).text());
         m.all.follow_purge(mark->scope(), mark->depth());
       }},
      {"a change", false, [](memory& m, const call_sid& call) { m.all.note_change(call); }},
      {"a change told by the fleet", false,
       [](memory& m, const call_sid& call) { m.all.note_change(*fleet_mark::parse(fleet_mark::of_change(call).text())->scope().call); }},
      {"an event", false, [](memory& m, const call_sid& call) { m.all.note_completion(call, at(1h), at(1h)); }},
      {"an invalidation", true, [](memory& m, const call_sid& call) { m.all.invalidate(key_of(call), at(1s)); }},
      {"an erasure", true, [](memory& m, const call_sid& call) { m.all.erase(key_of(call), eviction::withdrawn); }},
      {"a withdrawal", true, [](memory& m, const call_sid& call) { m.visible.withdraw(key_of(call)); }},
      {"a refusal of the call", true,
       [](memory& m, const call_sid& call) {
         m.visible.learn(key_of(call), credential_evidence::call_refused, std::nullopt, {m.all.generation(call), at(1s)}, at(1s));
       }},
  };
  return all;
}

TEST(call_spellings, answers_are_stored_for_each_spelling_apart) {
  shared_cache all{{1 << 20, 1 << 20}, table_key};
  auto const asked = key_of(spellings()[1]);
  ASSERT_FALSE(
      all.insert(asked, made_answer(answer_kind::complete, account_number(1), at(0s), at(0s)), all.generation(asked.call), both(0s)));
  for (auto const& call : spellings()) EXPECT_EQ(all.find(key_of(call), both(1s)).stored != nullptr, call == asked.call) << call.view();
}

TEST(call_spellings, every_operation_reaches_every_spelling) {
  for (auto const& what : operations()) {
    for (auto const& told : spellings()) {
      memory m;
      for (auto const& call : spellings()) ASSERT_TRUE(m.serves(key_of(call))) << what.name;
      what.run(m, told);
      for (auto const& call : spellings()) {
        EXPECT_FALSE(m.serves(key_of(call))) << what.name << " of " << told.view() << " leaves " << call.view();
        EXPECT_EQ(m.serves(key_of(call, 2)), what.concerns_one_owner) << what.name << " of " << told.view() << ", " << call.view();
      }
      EXPECT_TRUE(m.serves(m.other)) << what.name << " concerns no other call";
    }
  }
}

TEST(call_spellings, a_refusal_of_the_call_ends_the_grant_for_every_spelling) {
  for (auto const& told : spellings()) {
    memory m{sharing_mode::grants};
    m.visible.learn(key_of(told), credential_evidence::call_refused, std::nullopt, {m.all.generation(told), at(1s)}, at(1s));
    for (auto const& call : spellings()) EXPECT_FALSE(m.serves(key_of(call))) << told.view() << ", " << call.view();
    for (auto const& call : spellings()) EXPECT_TRUE(m.serves(key_of(call, 2))) << "another credential";
  }
}

TEST(call_spellings, what_contradicts_one_spelling_leaves_none_for_all) {
  for (auto const& told : spellings()) {
    memory m{sharing_mode::grants};
    m.visible.withdraw(key_of(told));
    EXPECT_TRUE(m.all.list(told).empty());
  }
}

TEST(call_spellings, an_answer_that_was_overtaken_is_stored_in_no_spelling) {
  for (auto const& told : spellings()) {
    for (auto const& call : spellings()) {
      memory m;
      authorized_cache::asked const before{m.all.generation(call), at(1s)};
      m.visible.note_newer(key_of(told), {before.generation, at(2s)});
      auto const answer = [&] { return made_answer(answer_kind::complete, account_number(1), at(1s), at(3s)); };
      EXPECT_EQ(m.visible.insert(key_of(call), answer(), before, both(3s)), not_stored::overtaken) << "a newer one was given";
      EXPECT_EQ(m.visible.insert(key_of(call, 2), answer(), before, both(3s)), std::nullopt);
      m.all.note_change(told);
      EXPECT_EQ(m.visible.insert(key_of(call, 2), answer(), before, both(3s)), not_stored::overtaken) << "the call was changed";
    }
  }
}

TEST(call_spellings, a_snapshot_loses_every_spelling) {
  for (auto const& told : spellings()) {
    for (auto const& call : spellings()) {
      snapshot_marks marks;
      marks.add(key_of(call));
      marks.finish();
      EXPECT_TRUE(marks.holds(mark_of(told, table_key)));
      EXPECT_TRUE(marks.holds(mark_of(key_of(told))));
      erasures loading;
      loading.begin_load();
      loading.note(mark_of(told, table_key));
      EXPECT_TRUE(loading.covers(key_of(call)));
      EXPECT_FALSE(loading.covers(key_of(*call_sid::parse("CA" + std::string(32, 'b')))));
    }
  }
}

TEST(call_spellings, the_marks_of_a_fleet_have_one_spelling) {
  for (auto const& call : spellings()) {
    EXPECT_EQ(fleet_mark::of_change(call), fleet_mark::of_change(spellings().front()));
    EXPECT_EQ(fleet_mark::of_purge({call, {}}, purge_depth::soft), fleet_mark::of_purge({spellings().front(), {}}, purge_depth::soft));
    EXPECT_EQ(marks_about(call, {}, {}), marks_about(spellings().front(), {}, {}));
  }
}

TEST(call_spellings, a_write_under_way_and_a_failing_call_concern_every_spelling) {
  for (auto const& told : spellings()) {
    pending_writes writes;
    pending_writes::place const writing{writes, key_of(told)};
    for (auto const& call : spellings()) {
      EXPECT_TRUE(writes.covers(key_of(call)));
      EXPECT_FALSE(writes.covers(key_of(call, 2)));
      EXPECT_EQ(question_scope(key_of(call), processing_state::all), question_scope(key_of(told), processing_state::all));
    }
  }
}

TEST(call_spellings, an_event_and_a_purge_reach_the_looks_at_every_spelling) {
  for (auto const& told : spellings()) {
    polled_calls polled{look_rules{}, table_key};
    for (auto const& call : spellings()) polled.note_not_ready(key_of(call), not_ready_answer_of(), at(0s), both(0s));
    EXPECT_EQ(polled.list(told, both(1s)).size(), spellings().size());
    std::vector<mono_time> planned;
    for (auto const& call : spellings()) planned.push_back(*polled.next_look(key_of(call), both(1s)));
    polled.hear({event_kind::complete, told, {}, wall_epoch + 1s}, both(2s));
    for (std::size_t i = 0; i < spellings().size(); ++i)
      EXPECT_LT(*polled.next_look(key_of(spellings()[i]), both(2s)), planned[i]) << told.view() << ", " << spellings()[i].view();
    polled.purge({told, {}}, at(3s));
    EXPECT_EQ(polled.size(), 0U);
  }
}

}  // namespace
}  // namespace gateway::call_spellings_test
