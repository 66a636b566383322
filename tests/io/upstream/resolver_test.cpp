// Addresses of the upstream: literals need no look-up; the names here are one that every system knows and one that is too long to
// be asked for.
#include "io/upstream/resolver.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace gateway::test {
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
    EXPECT_EQ(at.live.count(), 0U);  // no look-up was started
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

}  // namespace
}  // namespace gateway::test
