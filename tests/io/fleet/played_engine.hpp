// An engine that the test plays on a free loopback port, and a link to it.
// Thread rule: one thread; the test runs the loop.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <vector>

#include "io/fleet/engine_link.hpp"

namespace gateway::test {

struct played_engine : testing::Test {
  using tcp = asio::ip::tcp;

  // Long enough to never pass in a test that does not want it to.
  static constexpr std::chrono::seconds patient{60};
  static constexpr std::string_view welcome = ":1\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n$0\r\n\r\n";
  static std::string greeting() { return command({"EVAL", "return 1", "1", "{sg}:i"}) + command({"ROLE"}) + command({"INFO", "memory"}); }

  // Without probes, unless a test wants them: they would be among the commands that it expects.
  static constexpr std::chrono::hours no_tick{1};

  void link_to(std::chrono::nanoseconds timeout = patient, std::string user = "", std::string_view password = "",
               std::chrono::nanoseconds tick = no_tick) {
    engine_access how;
    how.where.host = "127.0.0.1";
    how.where.port = listening.local_endpoint().port();
    how.user = std::move(user);
    how.key = "{sg}:i";
    how.password.assign(password);
    link = std::make_unique<engine_link>(at, std::move(how), timeout, "{sg}:feed", tick);
    link->on_message([this](std::string_view message) { messages.emplace_back(message); });
    link->on_connect([this] { ++connected; });
    link->begin();
  }
  ~played_engine() override {
    if (!link) return;
    link->end();
    run_until([&] {
      at.deadlines.sweep(mono_now());
      return at.live.count() == 0;
    });
  }

  template <class Condition>
  bool run_until(Condition condition) {
    auto const limit = mono_now() + std::chrono::seconds{10};
    at.loop.restart();
    while (!condition() && mono_now() < limit) {
      at.loop.run_one_for(std::chrono::milliseconds{5});
      if (at.loop.stopped()) at.loop.restart();
    }
    return condition();
  }

  // The next connection that the gateway opens.
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
  // Reads until the bytes have come.
  void expect(tcp::socket& from, std::string_view wanted) {
    std::string got;
    EXPECT_TRUE(run_until([&] {
      std::string some(std::min(from.available(), wanted.size() - got.size()), '\0');
      got += some.substr(0, asio::read(from, asio::buffer(some))).empty() ? "" : some;
      return got.size() == wanted.size();
    }));
    EXPECT_EQ(got, wanted);
  }
  void say(tcp::socket& to, std::string_view bytes) { asio::write(to, asio::buffer(bytes.data(), bytes.size())); }

  static std::string command(std::initializer_list<std::string_view> parts) {
    std::string out;
    append_command(out, parts);
    return out;
  }

  tcp::socket& log_in(std::string_view said = welcome) {
    auto& one = accept();
    expect(one, greeting());
    say(one, said);
    return one;
  }
  // The feed is opened when commands can be sent.
  void connect(std::string_view said = welcome) {
    auto const before = connected;
    commands = &log_in(said);
    ASSERT_TRUE(run_until([&] { return connected > before; }));
    feed = &log_in();
    expect(*feed, command({"SUBSCRIBE", "{sg}:feed"}));
    say(*feed, "*3\r\n$9\r\nsubscribe\r\n$9\r\n{sg}:feed\r\n:1\r\n");
  }

  struct asked {
    bool done = false;
    engine_answer got;
  };
  static task<void> ask(engine_link& link, executor where, script_call call, asked& result) {
    auto got = co_await link.run(where, std::move(call));
    result.got = std::move(got);
    result.done = true;
  }
  void run(asked& one, std::string value) {
    script_call call{script};
    call.keys = {"{sg}:k"};
    call.values = {std::move(value)};
    at.start_task("ask", ask(*link, at.get_executor(), std::move(call), one));
  }
  [[nodiscard]] std::string by_hash(std::string_view value) const { return command({"EVALSHA", script.sha1(), "1", "{sg}:k", value}); }

  asio::io_context outside{1};
  tcp::acceptor listening{outside, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  std::vector<std::unique_ptr<tcp::socket>> accepted;
  tcp::socket* commands = nullptr;
  tcp::socket* feed = nullptr;
  engine_script script{"return ARGV[1]"};
  worker at{1};
  std::unique_ptr<engine_link> link;
  std::vector<std::string> messages;
  int connected = 0;
};

}  // namespace gateway::test
