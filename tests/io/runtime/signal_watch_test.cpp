// Signals that come before there is a taker, and the last bound of an end. Each test is a process of its own.
#include "io/runtime/signal_watch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <future>

namespace gateway::test::signal_watch_test {
namespace {

using std::chrono::milliseconds;

class signal_watch_process : public testing::Test {
protected:
  signal_watch_process() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

[[noreturn]] void takes_what_came_before() {
  signal_watch::hold();
  ::kill(::getpid(), SIGHUP);
  ::kill(::getpid(), SIGUSR1);
  signal_watch watch;
  std::promise<int> hup;
  std::promise<int> usr1;
  watch.give_to([&](int signal) { (signal == SIGHUP ? hup : usr1).set_value(signal); });
  auto const got = hup.get_future().get() + usr1.get_future().get();
  watch.give_to(nullptr);
  std::_Exit(got == SIGHUP + SIGUSR1 ? 7 : 8);
}

TEST_F(signal_watch_process, gives_a_taker_what_came_before_it) { EXPECT_EXIT(takes_what_came_before(), testing::ExitedWithCode(7), ""); }

[[noreturn]] void hangs_after(bool signal) {
  signal_watch::hold();
  signal_watch watch;
  watch.allow(milliseconds{50});
  if (signal) {
    ::kill(::getpid(), SIGTERM);
  } else {
    watch.end();
  }
  while (true) ::pause();
}

TEST_F(signal_watch_process, ends_a_process_that_hangs_after_sigterm) {
  EXPECT_EXIT(hangs_after(true), testing::ExitedWithCode(70), "the end took too long");
}

TEST_F(signal_watch_process, ends_a_process_that_hangs_after_an_end_of_its_own) {
  EXPECT_EXIT(hangs_after(false), testing::ExitedWithCode(70), "the end took too long");
}

[[noreturn]] void gets_a_second_signal() {
  signal_watch::hold();
  signal_watch watch;
  watch.end();
  ::kill(::getpid(), SIGINT);
  while (true) ::pause();
}

TEST_F(signal_watch_process, a_second_signal_ends_it_at_once) { EXPECT_EXIT(gets_a_second_signal(), testing::KilledBySignal(SIGINT), ""); }

}  // namespace
}  // namespace gateway::test::signal_watch_test
