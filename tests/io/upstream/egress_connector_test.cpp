// Through an egress proxy that the test plays on free loopback ports: which failure is reported, and whose time it was.
#include <gtest/gtest.h>

#include <boost/asio/read_until.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "io/runtime/clock.hpp"
#include "io/upstream/connector.hpp"

namespace gateway::test::egress_connector_test {
namespace {

using tcp = asio::ip::tcp;

// Accepts one connection, reads a head and answers it.
class proxy_address {
public:
  proxy_address(asio::io_context& loop, std::string says)
      : acceptor_(loop, {asio::ip::address_v4::loopback(), 0}), peer_(loop), answer_(std::move(says)) {
    acceptor_.async_accept(peer_, [this](error_code error) {
      if (!error) asio::async_read_until(peer_, asio::dynamic_buffer(asked_), "\r\n\r\n", [this](error_code, std::size_t) { answer(); });
    });
  }
  [[nodiscard]] tcp::endpoint where() const { return acceptor_.local_endpoint(); }
  [[nodiscard]] const std::string& asked() const { return asked_; }

private:
  void answer() {
    if (!answer_.empty()) asio::write(peer_, asio::buffer(answer_));
  }

  tcp::acceptor acceptor_;
  tcp::socket peer_;
  std::string answer_, asked_;
};

struct egress_connector : testing::Test {
  egress_connector() { at.deadlines.sweep(mono_now()); }

  // An empty answer is silence.
  proxy_address& proxy(std::string answer) { return *proxies.emplace_back(std::make_unique<proxy_address>(at.loop, std::move(answer))); }
  tcp::endpoint refusing() {
    tcp::acceptor made{at.loop, {asio::ip::address_v4::loopback(), 0}};
    return made.local_endpoint();
  }
  static task<void> open_one(connector& with, std::vector<tcp::endpoint> addresses, mono_time deadline, hop_ledger& hops,
                             std::optional<connector::opened>& result) {
    auto made = co_await with.open(std::move(addresses), deadline, hops);
    result = std::move(made);
  }
  connector::opened open(const std::vector<tcp::endpoint>& addresses, span within = std::chrono::seconds{10}) {
    std::optional<connector::opened> result;
    at.start_task("open", open_one(with, addresses, mono_now() + within, hops, result));
    auto const limit = mono_now() + std::chrono::seconds{15};
    at.loop.restart();
    while (at.live.count() > 0 && mono_now() < limit) {
      at.loop.run_one_for(std::chrono::milliseconds{5});
      at.deadlines.sweep(mono_now());
    }
    EXPECT_TRUE(result);
    hops.stop(mono_now());
    return result ? std::move(*result) : connector::opened{};
  }
  static origin plaintext() {
    origin it;
    it.tls = false;
    return it;
  }

  upstream_settings settings;
  published_secret authorization{std::make_shared<const secret>("Basic YTpi")};
  worker at{1};
  std::vector<std::unique_ptr<proxy_address>> proxies;
  connector with{at, settings, std::make_shared<client_tls>(plaintext(), "system"),
                 std::make_shared<const egress_proxy>("insights.twilio.com:443", authorization)};
  hop_ledger hops{hop::resolve, mono_now()};
};

TEST_F(egress_connector, a_tunnel_is_a_connection) {
  auto const& one = proxy("HTTP/1.1 200 OK\r\n\r\n");
  auto const made = open({one.where()});
  ASSERT_TRUE(made.connection);
  EXPECT_TRUE(made.connection->is_reusable());
  EXPECT_EQ(one.asked(), compose_connect("insights.twilio.com:443", "Basic YTpi").reveal());
  EXPECT_GT(hops.spent(hop::egress).count(), 0);
}

TEST_F(egress_connector, an_address_that_answered_says_more_than_one_that_did_not) {
  auto const wants = proxy("HTTP/1.1 407 Wanted\r\n\r\n").where();
  EXPECT_EQ(open({refusing(), wants, refusing()}).failed, fault::egress_auth);
  EXPECT_GT(hops.spent(hop::egress).count(), 0) << "and the time was the proxy's";
}

TEST_F(egress_connector, the_next_address_may_open_the_tunnel) {
  auto const wants = proxy("HTTP/1.1 407 Wanted\r\n\r\n").where();
  auto const opens = proxy("HTTP/1.1 200 OK\r\n\r\n").where();
  auto const made = open({wants, opens});
  ASSERT_TRUE(made.connection);
  EXPECT_EQ(made.where, opens);
}

TEST_F(egress_connector, no_address_and_no_answer) {
  EXPECT_EQ(open({}).failed, fault::egress_unreachable);
  EXPECT_EQ(open({refusing(), refusing()}).failed, fault::egress_unreachable);
  EXPECT_EQ(hops.spent(hop::egress).count(), 0);
}

TEST_F(egress_connector, silence_has_a_bound_of_its_own) {
  settings.connect_timeout = std::chrono::milliseconds{30};
  auto const silent = proxy("").where();
  EXPECT_EQ(open({silent}).failed, fault::egress_unreachable);
  EXPECT_GE(hops.spent(hop::egress), settings.connect_timeout);
}

TEST_F(egress_connector, the_deadline_of_the_whole_is_a_time_out_and_its_time_the_proxys) {
  settings.connect_timeout = std::chrono::seconds{20};
  auto const silent = proxy("").where();
  EXPECT_EQ(open({silent}, std::chrono::milliseconds{60}).failed, fault::upstream_timeout);
  EXPECT_GT(hops.spent(hop::egress).count(), 0);
}

}  // namespace
}  // namespace gateway::test::egress_connector_test
