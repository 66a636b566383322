// An upstream that the test plays on a free loopback port, and a fetcher that asks it without TLS.
// Thread rule: one thread; the test runs the loop.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "io/upstream/fetcher.hpp"

namespace gateway::test {

struct played_upstream : testing::Test {
  using tcp = asio::ip::tcp;
  static constexpr std::size_t max_idle = 10;
  static constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

  played_upstream() : tls(std::make_shared<client_tls>(where(), "system")) { fetch_anew(); }
  void fetch_anew() { fetch_from = std::make_unique<fetcher>(at, settings, max_idle, where(), tls, permits, network); }

  origin where() {
    origin it;
    it.tls = false;
    it.host = "127.0.0.1";
    it.port = listening.local_endpoint().port();
    return it;
  }
  // Runs until `condition` holds; in between, the loop waits in the kernel for the loopback network.
  template <class Condition>
  bool run_until(Condition condition) {
    auto const limit = mono_now() + std::chrono::seconds{5};
    at.loop.restart();
    while (!condition() && mono_now() < limit) {
      at.loop.run_one_for(std::chrono::milliseconds{5});
      if (at.loop.stopped()) at.loop.restart();
    }
    return condition();
  }

  struct asked {
    bool done = false;
    fetched got;
    hop_ledger hops{hop::lookup, mono_now()};
  };
  static task<void> ask(fetcher& from, exchange_kind kind, mono_time deadline, asked& result) {
    secret const request{"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"};
    auto got = co_await from.fetch(request, kind, deadline, nullptr, result.hops);
    result.got = std::move(got);
    result.done = true;
  }
  void start(asked& one, exchange_kind kind = exchange_kind::read) {
    at.start_task("fetch", ask(*fetch_from, kind, mono_now() + settings.timeout, one));
  }
  // The upstream's side of one exchange, on an existing connection or on one that it accepts first.
  tcp::socket& accept() {
    accepted.push_back(std::make_unique<tcp::socket>(outside));
    auto& fresh = *accepted.back();
    listening.non_blocking(true);
    EXPECT_TRUE(run_until([&] {
      error_code not_yet;
      if (!fresh.is_open()) listening.accept(fresh, not_yet);
      return fresh.is_open();
    })) << "no new connection was opened";
    return fresh;
  }
  bool answer(tcp::socket& to, asked& one, std::string_view bytes = ok) {
    if (!run_until([&] { return to.available() > 0; })) return false;
    std::string request(to.available(), '\0');
    asio::read(to, asio::buffer(request));
    asio::write(to, asio::buffer(bytes.data(), bytes.size()));
    return run_until([&] { return one.done; });
  }
  void keep(asked& one) { fetch_from->keep(std::move(one.got.connection)); }

  asio::io_context outside{1};
  tcp::acceptor listening{outside, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  std::vector<std::unique_ptr<tcp::socket>> accepted;
  upstream_settings settings;
  std::shared_ptr<client_tls> tls;
  worker at{1};
  upstream_permits permits{limiter_policy(), 1};
  upstream_network network{where(), settings};
  std::unique_ptr<fetcher> fetch_from;
};

}  // namespace gateway::test
