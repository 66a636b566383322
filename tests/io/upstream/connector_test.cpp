// The first of several addresses that answers is used; a dead one costs a moment, not a whole deadline.
#include "io/upstream/connector.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "io/runtime/clock.hpp"

namespace gateway::test::connector_test {
namespace {

using tcp = asio::ip::tcp;

task<void> open_one(connector& with, std::vector<tcp::endpoint> addresses, mono_time deadline, std::optional<connector::opened>& result) {
  hop_ledger hops{hop::resolve, mono_now()};
  auto made = co_await with.open(std::move(addresses), deadline, hops);
  result = std::move(made);
}

struct connector_test : testing::Test {
  connector_test() {
    at.deadlines.sweep(mono_now());
    settings.connect_timeout = std::chrono::seconds{20};  // so that a dead address is not given up during the test
  }
  tcp::acceptor& listener(int backlog = 10) {
    auto& made = *listeners.emplace_back(std::make_unique<tcp::acceptor>(outside));
    made.open(tcp::v4());
    made.bind({asio::ip::address_v4::loopback(), 0});
    made.listen(backlog);
    return made;
  }
  tcp::endpoint good() { return listener().local_endpoint(); }
  // An address where no process listens.
  tcp::endpoint refusing() {
    auto& made = listener();
    auto const where = made.local_endpoint();
    made.close();
    return where;
  }
  // An address whose queue is full: the kernel does not answer.
  tcp::endpoint silent() {
    auto& made = listener(0);
    for (int i = 0; i < 4; ++i) {
      auto& filler = *fillers.emplace_back(std::make_unique<tcp::socket>(outside));
      filler.async_connect(made.local_endpoint(), [](error_code) {});
    }
    outside.poll();
    return made.local_endpoint();
  }
  connector::opened open(const std::vector<tcp::endpoint>& addresses, std::chrono::milliseconds within = std::chrono::seconds{10}) {
    std::optional<connector::opened> result;
    at.start_task("open", open_one(with, addresses, mono_now() + within, result));
    auto const limit = mono_now() + std::chrono::seconds{15};
    at.loop.restart();
    while (at.live.count() > 0 && mono_now() < limit) {
      at.loop.run_one_for(std::chrono::milliseconds{5});
      at.deadlines.sweep(mono_now());
      if (at.loop.stopped()) at.loop.restart();
    }
    EXPECT_EQ(at.live.count(), 0U) << "nobody tries any more";
    return result ? std::move(*result) : connector::opened{};
  }

  static origin plaintext() {
    origin it;
    it.tls = false;
    it.host = "127.0.0.1";
    return it;
  }

  asio::io_context outside{1};
  std::vector<std::unique_ptr<tcp::acceptor>> listeners;
  std::vector<std::unique_ptr<tcp::socket>> fillers;
  upstream_settings settings;
  std::shared_ptr<client_tls> tls = std::make_shared<client_tls>(plaintext(), "system");
  worker at{1};
  connector with{at, settings, tls};
};

TEST_F(connector_test, the_first_that_answers_is_used) {
  auto const where = good();
  auto const made = open({where, refusing()});
  ASSERT_TRUE(made.connection);
  EXPECT_EQ(made.where, where);
}

TEST_F(connector_test, one_that_refuses_is_passed_over_at_once) {
  auto const where = good();
  auto const made = open({refusing(), refusing(), where});
  ASSERT_TRUE(made.connection);
  EXPECT_EQ(made.where, where);
}

TEST_F(connector_test, one_that_is_silent_costs_a_moment_and_is_dropped) {
  auto const where = good();
  auto const begun = mono_now();
  auto const made = open({silent(), where});
  ASSERT_TRUE(made.connection);
  EXPECT_EQ(made.where, where);
  EXPECT_LT(mono_now() - begun, settings.connect_timeout / 2) << "it was not waited for";
}

TEST_F(connector_test, when_all_refuse_it_is_unreachable) {
  auto const made = open({refusing(), refusing()});
  EXPECT_FALSE(made.connection);
  EXPECT_EQ(made.failed, fault::upstream_unreachable);
}

TEST_F(connector_test, without_an_address_it_is_unreachable) { EXPECT_EQ(open({}).failed, fault::upstream_unreachable); }

TEST_F(connector_test, the_deadline_ends_all_attempts) {
  auto const made = open({silent(), silent()}, std::chrono::milliseconds{400});
  EXPECT_FALSE(made.connection);
  EXPECT_EQ(made.failed, fault::upstream_timeout);
}

}  // namespace
}  // namespace gateway::test::connector_test
