// Addresses of the upstream, the same for all lanes. The test sets what a name means, and when the name server answers.
#include "io/upstream/resolver.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "io/runtime/clock.hpp"
#include "io/runtime/worker.hpp"
#include "upstream/scripted_names.hpp"

namespace gateway::test::resolver_test {
namespace {

using addresses = resolver::addresses;
using namespace std::chrono_literals;

origin host(std::string name) {
  origin it;
  it.host = std::move(name);
  it.port = 8443;
  return it;
}

addresses list(std::initializer_list<const char*> literals) {
  addresses all;
  for (auto const* const one : literals) all.emplace_back(asio::ip::make_address(one), 8443);
  return all;
}

struct asked {
  std::optional<addresses> found;
};
task<void> find(resolver& with, executor where, mono_time deadline, asked& result) {
  auto known = co_await with.find(where, deadline);
  result.found = std::move(known);
}
task<void> find_others(resolver& with, executor where, addresses tried, mono_time deadline, asked& result) {
  auto others = co_await with.find_others(where, std::move(tried), deadline);
  result.found = std::move(others);
}

struct resolver_test : testing::Test {
  // What is known at once, or by the deadline.
  std::optional<addresses> at_once(resolver& with) {
    asked one;
    at.start_task("find", find(with, at.get_executor(), mono_now(), one));
    run();
    return one.found;
  }
  addresses ask(resolver& with, mono_time deadline = timed::never) {
    asked one;
    at.start_task("find", find(with, at.get_executor(), deadline, one));
    run();
    return one.found.value_or(addresses());
  }
  addresses others(resolver& with, addresses tried, mono_time deadline = timed::never) {
    asked one;
    at.start_task("find", find_others(with, at.get_executor(), std::move(tried), deadline, one));
    run();
    return one.found.value_or(addresses());
  }
  void run() {
    at.loop.restart();
    at.loop.run();
  }
  // A lookup under way goes on beside the test.
  void wait_until_known(resolver& with, const addresses& wanted) {
    for (auto const limit = mono_now() + 10s; mono_now() < limit && at_once(with) != wanted;) std::this_thread::yield();
    EXPECT_EQ(at_once(with), wanted);
  }

  worker at{1};
};

TEST_F(resolver_test, a_literal_address_is_known_without_a_look_up) {
  for (auto const* const literal : {"127.0.0.1", "::1"}) {
    resolver with{host(literal), {}};
    EXPECT_EQ(at_once(with), list({literal}));
    EXPECT_TRUE(others(with, list({literal})).empty()) << "a literal has no others";
  }
}

TEST_F(resolver_test, all_who_ask_at_once_share_one_look_up) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2"});
  name.hang();
  resolver with{host(name.name()), {1h, 1h}};
  std::array<worker, 2> lanes{worker{1}, worker{2}};
  std::array<asked, 6> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& lane = lanes[i % lanes.size()];
    lane.start_task("find", find(with, lane.get_executor(), timed::never, all[i]));
  }
  for (auto& lane : lanes) lane.loop.poll();
  name.answer();
  for (auto& lane : lanes) {
    lane.loop.restart();
    lane.loop.run();
  }
  for (auto const& one : all) EXPECT_EQ(one.found, list({"127.0.0.2"}));
  EXPECT_EQ(name.look_ups(), 1U);
}

TEST_F(resolver_test, a_look_up_that_lasts_longer_than_the_deadline_yields_nothing_yet) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2"});
  name.hang();
  resolver with{host(name.name()), {1h, 1h}};
  EXPECT_EQ(at_once(with), addresses());
  name.answer();
  wait_until_known(with, list({"127.0.0.2"}));
}

TEST_F(resolver_test, a_name_that_cannot_be_ends_in_nothing_and_is_not_asked_for_at_once_again) {
  scripted_name name{"upstream.test"};
  resolver with{host(name.name()), {1h, 1h}};
  EXPECT_TRUE(ask(with).empty());
  name.means({"127.0.0.2"});
  EXPECT_TRUE(ask(with).empty()) << "another look-up would have found it";
  EXPECT_EQ(name.look_ups(), 1U);
}

TEST_F(resolver_test, a_changed_answer_is_taken_and_no_request_waits_for_it) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2"});
  resolver with{host(name.name()), {0s, 1h}};
  EXPECT_EQ(ask(with), list({"127.0.0.2"}));
  name.means({"127.0.0.3"});
  name.hang();
  EXPECT_EQ(at_once(with), list({"127.0.0.2"})) << "and looks it up again";
  name.answer();
  wait_until_known(with, list({"127.0.0.3"}));
}

TEST_F(resolver_test, old_addresses_go_on_when_there_is_no_answer_any_more) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2", "127.0.0.3"});
  resolver with{host(name.name()), {0s, 0s}};
  auto const known = ask(with);
  name.means({});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(with, mono_now() + 10s), known);
  EXPECT_EQ(known, list({"127.0.0.2", "127.0.0.3"}));
}

TEST_F(resolver_test, very_old_addresses_wait_for_the_new_ones) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2"});
  resolver with{host(name.name()), {0s, 0s}};
  ask(with);
  name.means({"127.0.0.3"});
  EXPECT_EQ(ask(with, mono_now() + 1min), list({"127.0.0.3"}));
}

TEST_F(resolver_test, but_only_for_a_quarter_of_the_time) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2"});
  resolver with{host(name.name()), {0s, 0s}};
  ask(with);
  name.hang();
  auto const begun = mono_now();
  EXPECT_EQ(ask(with, begun + 400ms), list({"127.0.0.2"})) << "the old ones are used";
  EXPECT_GE(mono_now(), begun + 100ms);
  name.answer();
}

TEST_F(resolver_test, after_a_failed_attempt_the_look_up_under_way_is_waited_for) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2"});
  resolver with{host(name.name()), {0s, 1h}};
  auto const tried = ask(with);
  name.means({"127.0.0.3", "127.0.0.2"});
  name.hang();
  EXPECT_EQ(at_once(with), tried) << "a look-up begins";
  name.answer();
  EXPECT_EQ(others(with, tried), list({"127.0.0.3"}));
}

TEST_F(resolver_test, a_failed_attempt_does_not_wait_beyond_its_deadline) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2"});
  resolver with{host(name.name()), {0s, 1h}};
  auto const tried = ask(with);
  name.hang();
  at_once(with);
  EXPECT_TRUE(others(with, tried, mono_now() + 20ms).empty());
  name.answer();
}

TEST_F(resolver_test, closing_ends_all_waits_and_a_hanging_look_up_may_outlive_the_resolver) {
  scripted_name name{"upstream.test"};
  name.hang();
  asked one;
  {
    resolver with{host(name.name()), {1h, 1h}};
    at.start_task("find", find(with, at.get_executor(), timed::never, one));
    at.loop.poll();
    EXPECT_FALSE(one.found);
    with.close();
    run();
    EXPECT_EQ(one.found, addresses());
  }
  name.answer();
}

TEST_F(resolver_test, the_families_take_turns) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2", "127.0.0.3", "127.0.0.4", "::1"});
  resolver with{host(name.name()), {1h, 1h}};
  EXPECT_EQ(ask(with), list({"127.0.0.2", "::1", "127.0.0.3", "127.0.0.4"}));
}

TEST_F(resolver_test, the_one_that_worked_last_comes_first_also_after_a_new_answer) {
  scripted_name name{"upstream.test"};
  name.means({"127.0.0.2", "127.0.0.3"});
  resolver with{host(name.name()), {0s, 0s}};
  ask(with);
  with.prefer(list({"127.0.0.3"}).front());
  EXPECT_EQ(ask(with).front(), list({"127.0.0.3"}).front());
  name.means({"127.0.0.4", "127.0.0.3", "127.0.0.5"});
  EXPECT_EQ(ask(with, mono_now() + 1min), list({"127.0.0.3", "127.0.0.4", "127.0.0.5"}));
}

}  // namespace
}  // namespace gateway::test::resolver_test
