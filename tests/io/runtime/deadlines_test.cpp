// deadline_list calls each deadline once, after it has passed.
#include "io/runtime/deadlines.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace gateway::test::deadlines_test {
namespace {

using std::chrono::seconds;
constexpr mono_time start{seconds{1000}};

struct counted final : timed {
  explicit counted(deadline_list& list) : timed(list) {}
  void on_deadline() override {
    ++expired;
    if (again != never) set_deadline(again);
  }
  void on_drain() override { ++drained; }

  int expired = 0;
  int drained = 0;
  mono_time again = never;
};

TEST(deadline_list, sweeps_what_is_due_and_nothing_else) {
  deadline_list list;
  counted never{list}, soon{list}, later{list};
  soon.set_deadline(start + seconds{1});
  later.set_deadline(start + seconds{2});
  list.sweep(start);
  EXPECT_EQ(soon.expired + later.expired + never.expired, 0);
  list.sweep(start + seconds{1});
  EXPECT_EQ(soon.expired, 1);
  EXPECT_EQ(later.expired, 0);
  list.sweep(start + std::chrono::hours{24});
  EXPECT_EQ(soon.expired, 1);  // once for each deadline set
  EXPECT_EQ(later.expired, 1);
  EXPECT_EQ(never.expired, 0);
}

TEST(deadline_list, a_new_deadline_counts_even_if_it_is_set_by_the_one_that_passed) {
  deadline_list list;
  counted one{list};
  one.set_deadline(start);
  one.again = start + seconds{5};
  list.sweep(start);
  list.sweep(start + seconds{4});
  EXPECT_EQ(one.expired, 1);
  list.sweep(start + seconds{5});
  EXPECT_EQ(one.expired, 2);
}

TEST(deadline_list, may_be_moved_either_way_before_it_passes) {
  deadline_list list;
  counted one{list};
  one.set_deadline(start + seconds{1});
  one.set_deadline(start + seconds{10});
  list.sweep(start + seconds{9});
  EXPECT_EQ(one.expired, 0);
  one.set_deadline(start + seconds{8});
  list.sweep(start + seconds{8});
  EXPECT_EQ(one.expired, 1);
}

TEST(deadline_list, what_ends_is_in_no_list) {
  deadline_list list;
  auto first = std::make_unique<counted>(list);
  counted middle{list};
  auto last = std::make_unique<counted>(list);
  for (timed* const one : {static_cast<timed*>(first.get()), static_cast<timed*>(&middle), static_cast<timed*>(last.get())})
    one->set_deadline(start);
  first.reset();
  last.reset();
  list.sweep(start);
  EXPECT_EQ(middle.expired, 1);
}

TEST(deadline_list, a_deadline_may_end_others_before_and_behind_it) {
  struct ender final : timed {
    explicit ender(deadline_list& list) : timed(list) {}
    void on_deadline() override { before.reset(), behind.reset(), next.reset(); }
    std::unique_ptr<counted> before, behind, next;
  };
  deadline_list list;
  auto before = std::make_unique<counted>(list);
  ender one{list};
  one.before = std::move(before);
  one.next = std::make_unique<counted>(list);
  counted between{list};
  one.behind = std::make_unique<counted>(list);
  counted last{list};
  for (timed* const each :
       {static_cast<timed*>(&one), static_cast<timed*>(&between), static_cast<timed*>(&last), static_cast<timed*>(one.before.get()),
        static_cast<timed*>(one.behind.get()), static_cast<timed*>(one.next.get())})
    each->set_deadline(start);
  list.sweep(start);
  EXPECT_FALSE(one.next || one.before || one.behind);
  EXPECT_EQ(between.expired, 1);
  EXPECT_EQ(last.expired, 1);
}

TEST(deadline_list, drain_and_expire_reach_all) {
  deadline_list list;
  counted a{list}, b{list};
  list.drain();
  EXPECT_EQ(a.drained + b.drained, 2);
  EXPECT_EQ(a.expired + b.expired, 0);
  list.expire();
  EXPECT_EQ(a.expired + b.expired, 2);
}

TEST(deadline_list, says_when_the_next_one_is_due) {
  deadline_list list;
  counted one{list}, two{list};
  EXPECT_EQ(list.due(), timed::never);
  one.set_deadline(start + seconds{5});
  EXPECT_EQ(list.due(), start + seconds{5});
  two.set_deadline(start + seconds{3});
  EXPECT_EQ(list.due(), start + seconds{3});
  EXPECT_EQ(list.sweep(start + seconds{3}), start + seconds{5});
  one.set_deadline(timed::never);
  EXPECT_EQ(list.due(), start + seconds{5}) << "a deadline that moves away costs nothing";
  EXPECT_EQ(list.sweep(start + seconds{5}), timed::never) << "until its old moment";
}

TEST(deadline_list, tells_only_of_a_deadline_that_comes_before_all_others) {
  deadline_list list;
  counted one{list}, two{list};
  int told = 0;
  list.watch([&told] { ++told; });
  one.set_deadline(start + seconds{5});
  EXPECT_EQ(told, 1);
  two.set_deadline(start + seconds{6});
  two.set_deadline(start + seconds{5});
  one.set_deadline(start + seconds{9});
  EXPECT_EQ(told, 1);
  two.set_deadline(start + seconds{4});
  EXPECT_EQ(told, 2);
}

TEST(deadline_list, a_deadline_set_during_a_sweep_counts_for_the_next) {
  deadline_list list;
  counted one{list}, two{list};
  one.again = start + seconds{2};
  one.set_deadline(start + seconds{1});
  two.set_deadline(start + seconds{7});
  EXPECT_EQ(list.sweep(start + seconds{1}), start + seconds{2});
}

TEST(deadline_list, one_may_outlive_the_list) {
  auto list = std::make_unique<deadline_list>();
  counted one{*list};
  list.reset();
  EXPECT_EQ(one.expired, 0);
}

}  // namespace
}  // namespace gateway::test::deadlines_test
