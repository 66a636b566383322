// All that meets in the resolver, as a product beside a small model: what was known before, how old it is, how the name server behaves, and
// whether the question is the first one or follows a connect that failed.
#include <gtest/gtest.h>

#include <optional>

#include "io/runtime/clock.hpp"
#include "io/runtime/worker.hpp"
#include "io/upstream/resolver.hpp"
#include "upstream/scripted_names.hpp"

namespace gateway::test::resolver_product_test {
namespace {

using namespace std::chrono_literals;
using addresses = resolver::addresses;

enum class age : std::uint8_t { fresh, due, old };
enum class server : std::uint8_t { answers, hangs, has_none };

struct situation {
  bool known = false;
  age is = age::fresh;
  server does = server::answers;
};

addresses list(std::initializer_list<const char*> literals) {
  addresses all;
  for (auto const* const one : literals) all.emplace_back(asio::ip::make_address(one), 8443);
  return all;
}
const addresses before = list({"127.0.0.2"});
const addresses after = list({"127.0.0.3"});

bool asks_server(const situation& in) { return !in.known || in.is != age::fresh; }
// What a request gets that has some time.
addresses found(const situation& in) {
  if (!in.known) return in.does == server::answers ? after : addresses();
  return in.is == age::old && in.does == server::answers ? after : before;
}
// What is left to try after the old addresses failed.
addresses others(const situation& in) { return asks_server(in) && in.does == server::answers ? after : addresses(); }

name_lifetime lifetime_of(age is) { return {is == age::fresh ? 1h : 0h, is == age::old ? 0h : 1h}; }

struct product : testing::Test {
  static task<void> find(resolver& with, executor where, mono_time deadline, std::optional<addresses>& result) {
    auto known = co_await with.find(where, deadline);
    result = std::move(known);
  }
  static task<void> find_others(resolver& with, executor where, mono_time deadline, std::optional<addresses>& result) {
    auto known = co_await with.find_others(where, before, deadline);
    result = std::move(known);
  }
  addresses run(std::optional<addresses>& result) {
    at.loop.restart();
    at.loop.run();
    return result.value_or(addresses());
  }
  addresses ask(resolver& with, mono_time deadline) {
    std::optional<addresses> one;
    at.start_task("find", find(with, at.get_executor(), deadline, one));
    return run(one);
  }
  addresses ask_others(resolver& with, mono_time deadline) {
    std::optional<addresses> one;
    at.start_task("others", find_others(with, at.get_executor(), deadline, one));
    return run(one);
  }

  // A lookup that hangs costs a short wait; one that ends is waited for, however busy the machine is.
  static mono_time deadline_of(const situation& in) { return mono_now() + (in.does == server::hangs ? 40ms : 20s); }

  void play(const situation& in) {
    SCOPED_TRACE(testing::Message() << "known " << in.known << ", age " << int{static_cast<std::uint8_t>(in.is)} << ", server "
                                    << int{static_cast<std::uint8_t>(in.does)});
    scripted_name name{"upstream.test"};
    origin where;
    where.host = name.name();
    where.port = 8443;
    resolver with{where, {1h, 1h}};
    if (in.known) {
      name.means({"127.0.0.2"});
      ASSERT_EQ(ask(with, mono_now() + 20s), before);
      with.set_lifetime(lifetime_of(in.is));
    }
    name.means(in.does == server::has_none ? std::vector<std::string>{} : std::vector<std::string>{"127.0.0.3"});
    // Old addresses are given at once, so the lookup behind them ends later than that.
    bool const later = in.known && in.is == age::due;
    if (in.does == server::hangs || later) name.hang();
    auto const earlier = name.look_ups();
    EXPECT_EQ(ask(with, deadline_of(in)), found(in));
    if (in.does != server::hangs) name.answer();
    EXPECT_EQ(ask_others(with, deadline_of(in)), others(in)) << "after a connect to the old addresses failed";
    EXPECT_LE(name.look_ups() - earlier, asks_server(in) ? 1U : 0U) << "one lookup serves both questions";
    name.answer();
  }

  worker at{1};
};

TEST_F(product, of_what_is_known_its_age_and_the_name_server) {
  for (bool const known : {false, true}) {
    for (auto const is : {age::fresh, age::due, age::old}) {
      for (auto const does : {server::answers, server::hangs, server::has_none}) play({known, is, does});
    }
  }
}

}  // namespace
}  // namespace gateway::test::resolver_product_test
