// What a lane shows to the shadow.
#include "app/state/shadow_feed.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace gateway {
namespace {

using namespace std::chrono_literals;

struct showing : testing::Test {
  showing() {
    stored->stored_at = mono_time{1h};
    stored->gone_at = mono_time{9h};
    stored->plain.wire = std::string(4096, 'x');
    found.stored = stored;
  }
  void look(lookup is, std::chrono::milliseconds later = 0ms) {
    decision decided;
    decided.is = is;
    decided.judged.ttl = 60s;
    feed.looked(own, shared, found, decided, state, asked, mono_time{2h} + later);
  }
  std::vector<sighting> taken() {
    std::vector<sighting> all;
    feed.take_all([&](const sighting& one) { all.push_back(one); });
    return all;
  }

  shadow_feed feed;
  processing_state state = processing_state::all;
  cache_key own{partition{}, *call_sid::parse("CA00000000000000000000000000000001"), short_hash_key{}};
  cache_key shared = own.under(partition{digest{std::byte{7}}});
  std::shared_ptr<entry> stored = std::make_shared<entry>();
  lru_store::found found;
  request_cache_control asked;
};

TEST_F(showing, nothing_unless_it_is_on) {
  look(lookup::hit);
  feed.fetched(own, processing_state::absent, {stored.get(), {}, {}, true, false}, mono_time{2h});
  EXPECT_FALSE(feed.is_on());
  EXPECT_EQ(feed.counted().requests + feed.counted().calls + feed.counted().answered, 0u);
  EXPECT_TRUE(taken().empty());
}

TEST_F(showing, counts_all_and_shows_the_sampled_ones) {
  auto const place = place_in_sample(own.call_bits());
  feed.set_sample(place, 0ms);
  look(lookup::hit);
  look(lookup::overdue);
  EXPECT_TRUE(taken().empty());
  feed.set_sample(place + 1, 0ms);
  look(lookup::stale);
  look(lookup::nothing);
  EXPECT_EQ(feed.counted().requests, 4u);
  EXPECT_EQ(feed.counted().answered, 2u);
  auto const all = taken();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].is, sighting::event::answered);
  EXPECT_EQ(all[1].is, sighting::event::missed);
  EXPECT_EQ(all[0].call, own.call_bits());
  EXPECT_EQ(all[0].owner, own.owner.bits());
  EXPECT_EQ(all[0].place, shared.owner.bits());
  EXPECT_EQ(all[0].at, mono_time{2h});
  EXPECT_EQ(all[0].state, processing_state::all);
  EXPECT_EQ(all[0].answer.cost, lru_store::cost_of(*stored));
  EXPECT_EQ(all[0].answer.stored_at, mono_time{1h});
  EXPECT_EQ(all[0].answer.gone_at, mono_time{9h});
}

TEST_F(showing, what_the_client_demands_counts_for_policies_that_store_what_this_one_does_not) {
  feed.set_sample(~std::uint64_t{0}, 0ms);
  asked.add_cache_control("no-cache");
  found.stored = nullptr;
  look(lookup::nothing);
  asked = {};
  look(lookup::nothing);
  found.purged = true;
  look(lookup::purged);
  auto const all = taken();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_TRUE(all[0].wants_newer);
  EXPECT_FALSE(all[1].wants_newer);
  EXPECT_TRUE(all[2].is_old);
}

TEST_F(showing, fetches) {
  feed.set_sample(~std::uint64_t{0}, 0ms);
  feed.fetched(own, processing_state::absent, {stored.get(), shared.owner, partition{digest{std::byte{9}}}, true, false}, mono_time{2h});
  feed.fetched(own, processing_state::absent, {nullptr, {}, {}, true, true}, mono_time{2h});
  feed.fetched(own, processing_state::absent, {nullptr, {}, {}, false, false}, mono_time{2h});
  EXPECT_EQ(feed.counted().calls, 2u) << "an answer of the fleet costs none";
  auto const all = taken();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].is, sighting::event::stored);
  EXPECT_EQ(all[0].place, shared.owner.bits());
  EXPECT_EQ(all[0].all, 9u);
  EXPECT_EQ(all[1].is, sighting::event::refused);
  EXPECT_EQ(all[2].is, sighting::event::unstored);
  EXPECT_EQ(all[2].place, own.owner.bits());
}

TEST_F(showing, no_hit_that_was_shown_a_moment_ago) {
  feed.set_sample(~std::uint64_t{0}, 10s);
  look(lookup::hit);
  look(lookup::hit);
  look(lookup::hit, 9s);
  EXPECT_EQ(taken().size(), 1u);
  EXPECT_EQ(feed.counted().repeated, 2u);
  EXPECT_EQ(feed.counted().requests, 3u);
  look(lookup::hit, 11s);
  look(lookup::stale, 11s);
  look(lookup::nothing, 11s);
  EXPECT_EQ(taken().size(), 3u) << "it is later, or no fresh hit";
  state = processing_state::complete;
  look(lookup::hit, 11s);
  own = own.under(partition{digest{std::byte{8}}});
  look(lookup::hit, 11s);
  shared = own;
  look(lookup::hit, 11s);
  EXPECT_EQ(taken().size(), 3u) << "another question, another credential, another copy";
  stored->kind = answer_kind::not_ready;
  look(lookup::hit, 11s);
  EXPECT_EQ(taken().size(), 1u) << "such answers are soon old";
  EXPECT_EQ(feed.counted().repeated, 2u);
}

TEST_F(showing, what_finds_no_room_is_counted) {
  feed.set_sample(~std::uint64_t{0}, 0ms);
  for (std::size_t i = 0; i < shadow_feed::room + 5; ++i) look(lookup::hit);
  EXPECT_EQ(feed.counted().lost, 5u);
  EXPECT_EQ(feed.counted().requests, shadow_feed::room + 5) << "lost are sightings, not counts";
  EXPECT_EQ(taken().size(), shadow_feed::room);
}

}  // namespace
}  // namespace gateway
