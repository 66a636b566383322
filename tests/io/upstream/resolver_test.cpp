// Addresses of the upstream: literals need no lookup. The names here are one that every system knows, one that is too long for a lookup,
// and one whose addresses the test sets.
#include "io/upstream/resolver.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "upstream/scripted_names.hpp"

namespace gateway::test::resolver_test {
namespace {

using addresses = std::vector<asio::ip::tcp::endpoint>;

task<void> look_up(resolver& with, mono_time deadline, std::optional<addresses>& found) {
  auto const known = co_await with.addresses(deadline);
  found = known;
}

origin host(std::string name) {
  origin it;
  it.host = std::move(name);
  it.port = 8443;
  return it;
}

TEST(resolver, a_literal_address_is_known_without_a_look_up) {
  for (auto const* const literal : {"127.0.0.1", "::1"}) {
    worker at{1};
    resolver with{at, host(literal), std::chrono::seconds{0}};
    std::optional<addresses> found;
    at.start_task("look up", look_up(with, mono_now() - std::chrono::hours{1}, found));
    at.loop.poll();
    EXPECT_EQ(at.live.count(), 0U);  // no lookup was started
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, addresses(1, asio::ip::tcp::endpoint(asio::ip::make_address(literal), 8443)));
  }
}

TEST(resolver, all_who_ask_at_once_share_one_look_up) {
  worker at{1};
  resolver with{at, host("localhost"), std::chrono::hours{1}};
  std::array<std::optional<addresses>, 5> found;
  for (auto& one : found) at.start_task("look up", look_up(with, timed::never, one));
  for (std::size_t i = 0; i < found.size(); ++i) at.loop.poll_one();
  EXPECT_LE(at.live.count(), found.size() + 1);
  at.loop.run();
  for (auto const& one : found) {
    ASSERT_TRUE(one);
    ASSERT_FALSE(one->empty());
    for (auto const& each : *one) EXPECT_TRUE(each.address().is_loopback() && each.port() == 8443);
  }
}

TEST(resolver, a_look_up_that_lasts_longer_than_the_deadline_yields_nothing_yet) {
  worker at{1};
  resolver with{at, host("localhost"), std::chrono::hours{1}};
  std::optional<addresses> hurried;
  at.start_task("look up", look_up(with, mono_now() - std::chrono::hours{1}, hurried));
  at.loop.run();
  ASSERT_TRUE(hurried);
  std::optional<addresses> later;
  at.start_task("look up", look_up(with, timed::never, later));
  at.loop.restart();
  at.loop.run();
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->empty());
}

TEST(resolver, a_name_that_cannot_be_ends_in_nothing_and_is_not_asked_for_at_once_again) {
  worker at{1};
  resolver with{at, host(std::string(70, 'x')), std::chrono::hours{1}};
  std::optional<addresses> found, again;
  at.start_task("look up", look_up(with, timed::never, found));
  at.loop.run();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty());
  at.start_task("look up", look_up(with, timed::never, again));
  at.loop.restart();
  at.loop.poll();
  EXPECT_EQ(at.live.count(), 0U);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
}

// A name that is looked up again at each request.
struct scripted_resolver : testing::Test {
  // Returns the addresses that are known at once; a lookup then ends afterwards.
  addresses ask() {
    std::optional<addresses> found;
    at.start_task("look up", look_up(with, timed::never, found));
    at.loop.restart();
    at.loop.poll_one();
    bool const at_once = found.has_value();
    at.loop.run();
    EXPECT_EQ(at_once, !first) << "only the first one has to wait";
    first = false;
    return found.value_or(addresses());
  }
  static addresses list(std::initializer_list<const char*> literals) {
    addresses all;
    for (auto const* const one : literals) all.emplace_back(asio::ip::make_address(one), 8443);
    return all;
  }

  scripted_name name{"upstream.test"};
  worker at{1};
  resolver with{at, host(name.name()), std::chrono::seconds{0}};
  bool first = true;
};

TEST_F(scripted_resolver, a_changed_answer_is_taken_and_nobody_waits_for_it) {
  name.means({"127.0.0.2"});
  EXPECT_EQ(ask(), list({"127.0.0.2"}));
  name.means({"127.0.0.3"});
  EXPECT_EQ(ask(), list({"127.0.0.2"})) << "and looks it up again";
  EXPECT_EQ(ask(), list({"127.0.0.3"}));
}

TEST_F(scripted_resolver, old_addresses_go_on_when_there_is_no_answer_any_more) {
  name.means({"127.0.0.2", "127.0.0.3"});
  auto const known = ask();
  name.means({});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(), known);
}

TEST_F(scripted_resolver, the_families_take_turns) {
  name.means({"127.0.0.2", "127.0.0.3", "127.0.0.4", "::1"});
  EXPECT_EQ(ask(), list({"127.0.0.2", "::1", "127.0.0.3", "127.0.0.4"}));
}

TEST_F(scripted_resolver, the_one_that_worked_last_comes_first_also_after_a_new_answer) {
  name.means({"127.0.0.2", "127.0.0.3"});
  ask();
  with.prefer(list({"127.0.0.3"}).front());
  EXPECT_EQ(ask(), list({"127.0.0.3", "127.0.0.2"}));
  name.means({"127.0.0.4", "127.0.0.3", "127.0.0.5"});
  ask();
  EXPECT_EQ(ask().front(), list({"127.0.0.3"}).front());
}

}  // namespace
}  // namespace gateway::test::resolver_test
