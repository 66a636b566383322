// Erasures of parties beside fetches that are under way: after an erasure has ended, nothing that was asked for before it and holds the
// party is stored, whatever came in which order.
#include "app/state/party_eraser.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <random>
#include <thread>

#include "cache/snapshots.hpp"
#include "io/runtime/clock.hpp"
#include "temporary_directory.hpp"

namespace gateway::party_eraser_test {
namespace {

using namespace std::chrono_literals;

std::string number_of(unsigned party) { return "+49301000" + std::to_string(100 + party); }
std::string body_about(unsigned party) { return R"({"to":{"callee":"tel:)" + number_of(party) + R"("},"sip_edge":null})"; }

entry_ptr answer_about(unsigned party, mono_time asked_at) {
  auto made = summary_entry(body_about(party));
  made->asked_at = made->stored_at = asked_at;
  made->gone_at = asked_at + 24h;
  made->gone_by = instant_of(asked_at).wall + 24h;
  return made;
}

struct erasing : testing::Test {
  fingerprint_key key{std::byte{3}};
  party_guard guard{key};
  snapshot_guard disk{"", short_hash_key{}};
  shared_cache cache{{64 << 20, 1 << 20}, short_hash_key{}, nullptr, &guard};
  party_eraser eraser{cache, guard, disk};

  digest hash_of(unsigned party) { return guard.hash_of(number_of(party)); }
  std::uint64_t erase(unsigned party, mono_time now) {
    std::promise<std::uint64_t> ended;
    EXPECT_TRUE(eraser.begin(hash_of(party), now, [&](std::uint64_t taken) { ended.set_value(taken); }));
    return ended.get_future().get();
  }
  std::optional<not_stored> store(unsigned call, unsigned party, mono_time asked_at, mono_time now) {
    auto const one = key_number(call);
    return cache.insert(one, answer_about(party, asked_at), cache.generation(one.call), instant_of(now));
  }
  [[nodiscard]] bool is_stored(unsigned call) const { return cache.peek(key_number(call)) != nullptr; }
  // Stored answers that hold the party and were asked for until then.
  [[nodiscard]] std::size_t left(unsigned party, mono_time until) const {
    std::size_t count = 0;
    shared_cache::place from;
    while (auto const some = cache.walk_all(from, 64)) {
      for (auto const& one : *some) {
        bool const holds = one.state.stored->plain.body().find(number_of(party)) != std::string_view::npos;
        if (holds && one.state.stored->asked_at <= until) ++count;
      }
    }
    return count;
  }
};

TEST_F(erasing, what_is_kept_about_a_party_leaves_memory_and_nothing_else_does) {
  for (unsigned call = 0; call < 3000; ++call) ASSERT_FALSE(store(call, call % 10, at(0s), at(0s)));
  cache.purge({call_number(3), {}}, purge_depth::soft);
  cache.note_change(call_number(13));
  EXPECT_EQ(erase(3, at(1s)), 300U) << "also what is old";
  EXPECT_EQ(left(3, at(9s)), 0U);
  EXPECT_EQ(cache.counts().entries, 2700U);
  EXPECT_EQ(erase(3, at(2s)), 0U);
  EXPECT_EQ(erase(11, at(2s)), 0U) << "of whom nothing is kept";
  EXPECT_EQ(cache.counts().evictions[static_cast<std::size_t>(eviction::purged)], 300U);
}

TEST_F(erasing, a_body_with_two_parties_goes_with_either_and_counts_for_both) {
  auto const both_parties = [&](unsigned call) {
    auto made = summary_entry(R"({"from":{"caller":")" + number_of(1) + R"("},"to":{"callee":")" + number_of(2) + R"(","again":")" +
                              number_of(2) + "\"}}");
    auto const one = key_number(call);
    EXPECT_FALSE(cache.insert(one, made, cache.generation(one.call), both(0s)));
  };
  both_parties(1);
  EXPECT_EQ(erase(2, at(1s)), 1U);
  EXPECT_FALSE(is_stored(1));
}

TEST_F(erasing, what_is_under_way_is_not_stored_and_what_is_asked_for_later_is) {
  erase(1, at(10s));
  EXPECT_EQ(store(1, 1, at(9s), at(11s)), not_stored::erased);
  EXPECT_EQ(store(2, 1, at(10s), at(11s)), not_stored::erased);
  EXPECT_EQ(store(3, 2, at(9s), at(11s)), std::nullopt) << "another party's";
  EXPECT_EQ(store(4, 1, at(11s), at(12s)), std::nullopt);
  EXPECT_EQ(guard.refused(hash_of(1)), 2U);
  guard.set_lasts(1h);
  EXPECT_EQ(store(5, 1, at(11s), at(12s)), not_stored::erased) << "for as long as the setting says";
  EXPECT_EQ(store(6, 1, at(2h), at(2h)), std::nullopt);
  guard.forget(at(2h), 30s);
  EXPECT_EQ(store(7, 1, at(9s), at(2h)), std::nullopt) << "no fetch takes so long";
  EXPECT_EQ(guard.refused(hash_of(1)), 0U);
}

TEST_F(erasing, what_a_snapshot_brings_is_judged_alike) {
  erase(1, at(10s));
  EXPECT_EQ(cache.restore(key_number(1), answer_about(1, at(0s)), both(11s)), lru_store::restored::erased);
  EXPECT_EQ(cache.restore(key_number(2), answer_about(2, at(0s)), both(11s)), lru_store::restored::stored);
}

TEST_F(erasing, is_refused_when_too_many_were_erased_lately) {
  for (unsigned i = 0; i < erased_parties::most; ++i) ASSERT_TRUE(guard.arm(guard.hash_of(std::to_string(i)), at(0s)));
  bool ended = false;
  EXPECT_FALSE(eraser.begin(hash_of(1), at(1s), [&](std::uint64_t) { ended = true; }));
  EXPECT_FALSE(ended);
  EXPECT_FALSE(disk.is_searching());
}

TEST_F(erasing, is_refused_when_too_many_wait_for_the_walk_under_way) {
  std::promise<void> walked, go_on;
  ASSERT_TRUE(eraser.begin(hash_of(1), at(0s), [&](std::uint64_t) {
    walked.set_value();
    go_on.get_future().wait();
  }));
  walked.get_future().wait();
  std::atomic<std::size_t> ended{0};
  std::promise<void> all_ended;
  auto const count = [&](std::uint64_t) {
    if (++ended == party_eraser::most_waiting) all_ended.set_value();
  };
  for (std::size_t i = 0; i < party_eraser::most_waiting; ++i) ASSERT_TRUE(eraser.begin(hash_of(1), at(1s), count)) << i;
  EXPECT_FALSE(eraser.begin(hash_of(1), at(1s), count));
  go_on.set_value();
  all_ended.get_future().get();
}

// Fetches, landings and erasures in any order, beside a small model of what may be kept.
TEST_F(erasing, agrees_with_a_model_over_random_histories) {
  struct fetch {
    unsigned call, party;
    mono_time asked_at;
  };
  std::mt19937 random{22};
  for (int history = 0; history < 40; ++history) {
    std::vector<fetch> under_way;
    std::map<unsigned, fetch> kept;  // by call
    std::map<unsigned, mono_time> erased;
    auto now = at(std::chrono::hours{history});
    for (int step = 0; step < 150; ++step) {
      now += 1ms;
      auto const party = static_cast<unsigned>(random() % 4);
      auto const call = static_cast<unsigned>(random() % 12) + static_cast<unsigned>(history) * 100;
      if (auto const what = random() % 8; what == 0) {
        std::uint64_t holding = 0;
        for (auto const& [_, one] : kept) holding += one.party == party ? 1 : 0;
        ASSERT_EQ(erase(party, now), holding);
        std::erase_if(kept, [&](auto const& one) { return one.second.party == party; });
        erased[party] = now;
      } else if (what < 4 || under_way.empty()) {
        under_way.push_back({call, party, now});
      } else {
        std::swap(under_way[random() % under_way.size()], under_way.back());
        auto const one = under_way.back();
        under_way.pop_back();
        auto const known = erased.find(one.party);
        bool const is_erased = known != erased.end() && one.asked_at <= known->second;
        bool const is_older = kept.contains(one.call) && one.asked_at < kept[one.call].asked_at;
        auto const expected = is_erased  ? std::optional{not_stored::erased}
                              : is_older ? std::optional{not_stored::overtaken}
                                         : std::nullopt;
        ASSERT_EQ(store(one.call, one.party, one.asked_at, now), expected) << history << ", " << step;
        if (!expected) kept[one.call] = one;
      }
    }
    for (unsigned call = 0; call < 12; ++call) {
      auto const number = call + static_cast<unsigned>(history) * 100;
      ASSERT_EQ(is_stored(number), kept.contains(number));
    }
    for (auto const& [call, _] : kept) cache.erase(key_number(call), eviction::purged);
  }
}

// In any order of events of several threads. The thread sanitizer finds other errors.
TEST_F(erasing, beside_threads_that_store_nothing_from_before_is_left) {
  constexpr unsigned parties = 4;
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> stored{0};
  std::vector<std::thread> lanes;
  for (unsigned lane = 0; lane < 3; ++lane) {
    lanes.emplace_back([&, lane] {
      std::mt19937 random{lane};
      while (!over) {
        auto const one = key_number(static_cast<unsigned>(random() % 4000), lane);
        auto const generation = cache.generation(one.call);
        auto const made = answer_about(static_cast<unsigned>(random() % parties), mono_now());
        if (random() % 16 == 0) std::this_thread::yield();
        if (!cache.insert(one, made, generation, instant_of(mono_now()))) ++stored;
      }
    });
  }
  auto const latest = mono_now() + 1min;
  for (unsigned round = 0; (round < 60 || stored < 5000) && mono_now() < latest; ++round) {
    auto const then = mono_now();
    erase(round % parties, then);
    ASSERT_EQ(left(round % parties, then), 0U) << "round " << round;
  }
  over = true;
  for (auto& one : lanes) one.join();
  EXPECT_GT(stored, 100U);
}

// The file goes first, and none takes its place before the walk has ended.
TEST_F(erasing, a_snapshot_does_not_outlive_it) {
  test::temporary_directory folder;
  snapshot_guard file{folder.file("cache.snapshot"), short_hash_key{}};
  std::string why_not;
  ASSERT_EQ(file.take_charge(why_not), snapshot_lock::attempt::taken) << why_not;
  file.opened();
  file.end_load(erasures::load_end::whole, {});
  party_eraser with_file{cache, guard, file};
  std::promise<void> ended;
  auto const ticket = with_file.begin(hash_of(1), at(1s), [&](std::uint64_t) { ended.set_value(); });
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(file.has_snapshot());
  EXPECT_TRUE(file.wait_for_removal());
  EXPECT_TRUE(file.remove_erased());
  EXPECT_TRUE(file.is_settled(*ticket));
  ended.get_future().get();
  EXPECT_FALSE(file.is_searching());
  auto const write = [&] {
    snapshot_output to{folder.file("cache.snapshot")};
    EXPECT_TRUE(to.open(why_not)) << why_not;
    file.begin_write();
    auto const came = file.place({}, to, false, why_not);
    file.end_write();
    return came;
  };
  static_cast<void>(file.begin_search());
  EXPECT_EQ(write(), snapshot_guard::placing::overtaken);
  file.end_search();
  EXPECT_TRUE(file.remove_erased());
  EXPECT_EQ(write(), snapshot_guard::placing::placed);
}

}  // namespace
}  // namespace gateway::party_eraser_test
