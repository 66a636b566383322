// The parts of a worker: counted tasks, a date formatted once a second, a spare buffer, and a loop that ends when no work is left.
#include "io/runtime/worker.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "io/runtime/log.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway::test::worker_test {
namespace {

task<void> rest(std::shared_ptr<sleeper> on) { co_await on->sleep_until(timed::never); }
task<void> end() { co_return; }
task<void> fail_with_words() {
  throw std::runtime_error{"out of luck"};
  co_return;
}
task<void> fail_without_words() {
  throw 7;
  co_return;
}

TEST(spawn, counts_from_the_call_until_the_end) {
  worker at{1};
  auto const bed = std::make_shared<sleeper>(at.get_executor());
  at.start_task("one", rest(bed));
  EXPECT_EQ(at.live.count(), 1U);  // before the task runs
  at.start_task("two", end());
  EXPECT_EQ(at.live.count(), 2U);
  at.loop.poll();
  EXPECT_EQ(at.live.count(), 1U);
  bed->wake();
  at.loop.run();
  EXPECT_EQ(at.live.count(), 0U);
}

TEST(spawn, an_exception_is_counted_as_an_end_and_logged_with_the_task_s_name) {
  worker at{1};
  at.start_task("unlucky", fail_with_words());
  at.start_task("mute", fail_without_words());
  at.start_task("sound", end());
  at.loop.run();  // the exception does not leave the loop
  EXPECT_EQ(at.live.count(), 0U);
  auto const said = logbook_json(0);
  EXPECT_NE(said.find("unlucky ended by an exception: out of luck"), std::string::npos);
  EXPECT_NE(said.find("mute ended by an unknown exception"), std::string::npos);
  EXPECT_EQ(said.find("sound"), std::string::npos);
}

TEST(spawn, tasks_that_never_end_go_with_their_loop) {
  worker at{1};
  at.start_task("started", rest(std::make_shared<sleeper>(at.get_executor())));
  at.loop.poll();
  at.start_task("not started", rest(std::make_shared<sleeper>(at.get_executor())));
}

TEST(worker, sweeps_by_itself_and_ends_when_it_is_told_to_and_nothing_is_left) {
  struct once final : timed {
    explicit once(worker& where) : timed(where.deadlines), at(where) { set_deadline(mono_now()); }
    void on_deadline() override { at.phase = worker_phase::ending; }
    worker& at;
  };
  worker at{1};
  auto timed_one = std::make_unique<once>(at);
  at.start();
  while (!at.is_ending()) at.loop.run_one();
  timed_one.reset();
  at.loop.run();
  EXPECT_EQ(at.live.count(), 0U);
}

// Each wake-up of an idle process costs; 64 workers at 50 a second were 3,200.
TEST(worker, sleeps_while_no_deadline_is_near) {
  worker at{1};
  at.start();
  while (at.loop.poll() > 0) continue;
  EXPECT_EQ(at.loop.run_one_for(std::chrono::milliseconds{100}), 0U) << "five ticks";
}

TEST(worker, wakes_for_a_deadline_that_comes_before_the_one_it_sleeps_for) {
  struct noted final : timed {
    explicit noted(worker& where) : timed(where.deadlines) {}
    void on_deadline() override { ++passed; }
    int passed = 0;
  };
  worker at{1};
  noted one{at}, other{at};
  one.set_deadline(mono_now() + std::chrono::hours{1});
  at.start();
  at.loop.poll();
  other.set_deadline(mono_now() + std::chrono::milliseconds{30});
  auto const limit = mono_now() + std::chrono::seconds{10};
  while (other.passed == 0 && mono_now() < limit) at.loop.run_one_for(std::chrono::milliseconds{100});
  EXPECT_EQ(other.passed, 1);
  EXPECT_EQ(one.passed, 0);
}

TEST(worker, leaves_its_sleep_to_end) {
  worker at{1};
  at.start();
  at.loop.poll();
  at.enter(worker_phase::ending);
  at.loop.run_for(std::chrono::seconds{10});
  EXPECT_TRUE(at.loop.stopped());
  EXPECT_EQ(at.live.count(), 0U);
}

TEST(worker, shows_a_pulse_when_it_is_asked_and_none_while_it_is_stuck) {
  worker at{1};
  at.start();
  auto const begun = at.pulse();
  at.ask_for_pulse();
  at.ask_for_pulse();
  EXPECT_EQ(at.pulse(), begun) << "its loop has not run";
  at.loop.poll();
  EXPECT_GT(at.pulse(), begun);
}

TEST(worker, tells_how_late_its_loop_is_also_while_it_is_stuck) {
  worker at{1};
  at.start();
  EXPECT_EQ(at.take_lateness().count(), 0) << "nothing was asked";
  at.ask_for_pulse();
  std::chrono::milliseconds const long_time{2};
  while (at.take_lateness() < long_time) at.ask_for_pulse();
  at.loop.poll();
  EXPECT_GE(at.take_lateness(), long_time) << "the step has run, late";
  EXPECT_EQ(at.take_lateness().count(), 0) << "since then nothing was late";
}

TEST(worker, stays_as_long_as_a_task_lives) {
  worker at{1};
  auto const bed = std::make_shared<sleeper>(at.get_executor());
  at.start();
  at.start_task("last", rest(bed));
  at.enter(worker_phase::ending);
  for (int tick = 0; tick < 2; ++tick) at.loop.run_one_for(std::chrono::seconds{1});
  EXPECT_FALSE(at.loop.stopped());
  EXPECT_EQ(at.live.count(), 2U);
  bed->wake();
  at.loop.run();
  EXPECT_EQ(at.live.count(), 0U);
}

TEST(worker, does_not_wait_for_what_nobody_needs_at_the_end) {
  worker at{1};
  at.start();
  at.start_unwaited("look-up", rest(std::make_shared<sleeper>(at.get_executor())));
  at.enter(worker_phase::ending);
  at.loop.run();
  EXPECT_TRUE(at.left_work());
}

TEST(worker, has_left_nothing_if_all_has_ended) {
  worker at{1};
  at.start();
  at.start_unwaited("look-up", end());
  at.loop.poll();
  at.enter(worker_phase::ending);
  at.loop.run();
  EXPECT_FALSE(at.left_work());
}

TEST(worker, an_end_with_a_bound_leaves_a_task_that_hangs) {
  worker at{1};
  at.start();
  at.start_task("hangs", rest(std::make_shared<sleeper>(at.get_executor())));
  EXPECT_FALSE(at.is_cut());
  at.end_by(mono_now());
  EXPECT_TRUE(at.is_cut());
  at.loop.run();
  EXPECT_TRUE(at.left_work());
}

TEST(worker, says_on_its_own_thread_that_it_ended) {
  worker at{1};
  std::promise<std::thread::id> ended;
  at.start_task("only", end());
  at.run_on_thread([&ended] { ended.set_value(std::this_thread::get_id()); });
  EXPECT_NE(ended.get_future().get(), std::this_thread::get_id());
  at.join();
  at.join();  // a second call is harmless
}

TEST(date_text, is_the_date_of_now) {
  date_text date;
  for (int i = 0; i < 3; ++i) {
    auto const before = http_date(now().wall);
    std::string const shown{date.at(mono_now())};
    auto const after = http_date(now().wall);
    EXPECT_TRUE(shown == before || shown == after) << shown;
  }
}

TEST(date_text, is_made_once_a_second) {
  date_text date;
  auto const moment = now();
  auto const into_second = moment.wall - std::chrono::floor<std::chrono::seconds>(moment.wall);
  auto const shown = date.at(moment.mono);
  std::string const text{shown};
  auto const left = std::chrono::seconds{1} - into_second;
  EXPECT_EQ(date.at(moment.mono).data(), shown.data());
  EXPECT_EQ(date.at(moment.mono + left / 2), text);
  // One second later it reads the clock again, whatever time the clock shows by then.
  std::string const later{date.at(moment.mono + std::chrono::seconds{1})};
  EXPECT_TRUE(later == http_date(moment.wall) || later == http_date(now().wall)) << later;
}

TEST(spare_buffer, keeps_the_largest_that_is_not_too_large) {
  spare_buffer spare;
  EXPECT_EQ(spare.take(), "");
  std::string small, large, huge;
  small.reserve(1000);
  large.reserve(100'000);
  huge.reserve(1'000'000);
  auto const large_capacity = large.capacity();
  small = "text";
  large = "text";
  huge = "text";
  spare.give_back(std::move(small), false);
  spare.give_back(std::move(large), false);
  spare.give_back(std::move(huge), false);
  spare.give_back(std::string{}, false);
  auto const taken = spare.take();
  EXPECT_EQ(taken, "");
  EXPECT_EQ(taken.capacity(), large_capacity);
  EXPECT_LT(spare.take().capacity(), 100U);  // the buffer is lent only once
}

TEST(spare_buffer, is_wiped_when_something_was_erased_that_it_may_have_held) {
  constexpr std::size_t size = 1000;
  // The memory of a buffer that a session gives back; the spare buffer owns it from then on.
  auto const given_back = [](spare_buffer& spare, bool late) {
    std::string used(size, 'x');
    auto const* const memory = used.data();
    spare.give_back(std::move(used), late);
    return memory;
  };
  auto const left_in = [](const char* memory) { return std::ranges::count(std::string_view{memory, size}, 'x'); };
  spare_buffer spare;
  auto const* const memory = given_back(spare, false);
  EXPECT_GT(left_in(memory), 900) << "a hit pays for no wiping";
  spare.wipe();
  EXPECT_EQ(left_in(memory), 0);
  spare_buffer other;
  EXPECT_EQ(left_in(given_back(other, true)), 0) << "it was filled before a wait";
}

}  // namespace
}  // namespace gateway::test::worker_test
