// Random stories beside a small model: which connection an exchange takes, and what becomes of the others, when some have died silently,
// some were closed by the upstream, and the retry budget has ended. Each rule has tests of its own; here they meet.
#include <gtest/gtest.h>

#include <random>

#include "upstream/silent_upstream.hpp"

namespace gateway::test::silent_stories_test {
namespace {

using namespace std::chrono_literals;
using tcp = asio::ip::tcp;

enum class state : std::uint8_t { alive, silent, closed };

// The upstream's ends of the connections, and what the gateway must do with them.
struct model {
  struct connection {
    tcp::socket* end = nullptr;
    state is = state::alive;
  };
  struct outcome {
    bool answered = true;
    unsigned repetitions = 0;
  };

  // Silence says that all idle connections may have died: none has been heard since.
  void find_silence() { idle.clear(); }
  void keep(connection used) {
    if (idle.size() < played_upstream::max_idle) idle.push_back(used);
  }
  outcome ask(exchange_kind kind) {
    if (kind != exchange_kind::read) return {};
    while (!idle.empty()) {
      auto const taken = idle.back();
      idle.pop_back();
      if (taken.is == state::closed) continue;  // that is seen before a request is sent
      if (taken.is == state::alive) return {};
      find_silence();
      if (repetitions_left == 0) return {false, 0};
      --repetitions_left;
      return {true, 1};
    }
    return {};
  }

  std::vector<connection> idle;  // the next one is the last
  unsigned repetitions_left = 0;
};

struct silent_stories : silent_upstream {
  silent_stories() {
    settings.connect_timeout = 60ms;  // bytes that are unacknowledged for so long are sent again
    settings.timeout = 1500ms;
    at.start();
  }

  void play(std::uint32_t seed) {
    SCOPED_TRACE("story " + std::to_string(seed));
    std::minstd_rand chance{seed};
    auto const one_in = [&](unsigned many) { return chance() % many == 0; };
    auto const any_of = [&](std::vector<model::connection>& some) -> model::connection& { return some[chance() % some.size()]; };
    expected.repetitions_left = chance() % 4;
    for (auto left = limiter_policy().max_in_flight; left > expected.repetitions_left; --left) ASSERT_TRUE(permits.may_repeat());
    for (int step = 0; step < 30 && !testing::Test::HasFailure(); ++step) {
      if (auto& idle = expected.idle; !idle.empty() && one_in(4)) {
        auto& one = any_of(idle);
        if (one.is == state::alive) drop_input(*one.end);
        one.is = one.is == state::closed ? state::closed : state::silent;
      } else if (!idle.empty() && one_in(4)) {
        auto& one = any_of(idle);
        if (one.is == state::alive) close_end(one);
      } else {
        ask(one_in(4) ? exchange_kind::write : one_in(4) ? exchange_kind::probe : exchange_kind::read);
      }
    }
  }

  static void close_end(model::connection& one) {
    one.end->close();
    one.is = state::closed;
  }

  void ask(exchange_kind kind) {
    auto const wanted = expected.ask(kind);
    asked one;
    start(one, kind);
    unsigned received = 0;
    tcp::socket* by = nullptr;
    ASSERT_TRUE(run_until([&] {
      if (auto* const ready = find_request()) {
        ++received;
        by = ready;
      }
      return one.done;
    }));
    EXPECT_EQ(!one.got.result.failed, wanted.answered);
    EXPECT_EQ(one.got.repetitions, wanted.repetitions);
    EXPECT_EQ(received, wanted.answered ? 1U : 0U) << "what was not delivered is not answered, and what was delivered is not sent again";
    if (one.got.connection && !one.got.result.failed) {
      keep(one);
      expected.keep({by, state::alive});
    }
    EXPECT_EQ(fetch_from->idle_connections(), expected.idle.size()) << "those that may have died are gone, all others are kept";
  }

  // Answers a request that has arrived on any connection, also on a new one. Null: there is none.
  tcp::socket* find_request() {
    listening.non_blocking(true);
    tcp::socket fresh{outside};
    error_code none;
    listening.accept(fresh, none);
    if (!none) accepted.push_back(std::make_unique<tcp::socket>(std::move(fresh)));
    for (auto const& one : accepted) {
      error_code gone;
      if (!one->is_open() || one->available(gone) == 0 || gone) continue;
      std::string request(one->available(), '\0');
      asio::read(*one, asio::buffer(request));
      asio::write(*one, asio::buffer(ok.data(), ok.size()));
      return one.get();
    }
    return nullptr;
  }

  model expected;
};

class story : public silent_stories, public testing::WithParamInterface<std::uint32_t> {};

TEST_P(story, goes_as_in_the_model) { play(GetParam()); }

INSTANTIATE_TEST_SUITE_P(random, story, testing::Range(1U, 13U));

}  // namespace
}  // namespace gateway::test::silent_stories_test
