#include "io/runtime/access_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "io/runtime/clock.hpp"
#include "temporary_directory.hpp"

namespace gateway::test::access_writer_test {
namespace {

logged_request numbered(unsigned long number) {
  logged_request one;
  one.of.request_id = std::to_string(number);
  return one;
}

log_settings to_file(const std::string& path) {
  log_settings values;
  values.access = access_log::all;
  values.access_file = path;
  return values;
}

listener_names const names{std::make_shared<const std::vector<std::string>>(1, "here")};

// The number in each line, in order.
std::vector<unsigned long> numbers_in(const std::string& text) {
  std::vector<unsigned long> all;
  constexpr std::string_view before = R"("request_id":")";
  for (auto at = text.find(before); at != text.npos; at = text.find(before, at + 1))
    all.push_back(std::stoul(text.substr(at + before.size(), 20)));
  return all;
}

TEST(access_writer, writes_what_each_worker_put_in_its_order) {
  temporary_directory const here;
  auto const values = to_file(here.file("log"));
  access_writer log{values, names};
  std::array<access_queue, 2> queues;
  log.start({&queues[0], &queues[1]});
  constexpr unsigned long each = 20'000;
  std::array<unsigned long, 2> put{};
  {
    std::vector<std::thread> workers;
    for (unsigned long w = 0; w < queues.size(); ++w) {
      workers.emplace_back([&, w] {
        for (unsigned long i = 0; i < each; ++i) {
          if (!queues[w].put(numbered(w * each + i)))
            std::this_thread::yield();  // the line is dropped, as in a worker
          else
            ++put[w];
        }
      });
    }
    for (auto& one : workers) one.join();
  }
  EXPECT_TRUE(log.stop(mono_now() + std::chrono::seconds{1}));
  auto const text = content_of(values.access_file);
  auto const numbers = numbers_in(text);
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(text, '\n')), put[0] + put[1]) << "what was taken is written, also at the end";
  for (unsigned long w = 0; w < queues.size(); ++w) {
    std::vector<unsigned long> mine;
    std::ranges::copy_if(numbers, std::back_inserter(mine), [&](unsigned long number) { return number / each == w; });
    EXPECT_EQ(mine.size(), put[w]);
    EXPECT_TRUE(std::ranges::is_sorted(mine));
  }
  EXPECT_EQ(log.lost(), 0U);
}

TEST(access_writer, a_queue_has_a_bound_and_says_when_it_is_full) {
  access_queue queue;
  EXPECT_FALSE(queue.put(numbered(0))) << "nobody takes from it";
  queue.open();
  std::size_t taken = 0;
  while (queue.put(numbered(taken))) ++taken;
  EXPECT_EQ(taken, access_queue::room);
  queue.take_all([&](const logged_request&) { --taken; });
  EXPECT_EQ(taken, 0U);
  EXPECT_TRUE(queue.put(numbered(0)));
}

TEST(access_writer, lines_that_cannot_be_written_are_counted) {
  auto const values = to_file("/dev/full");
  access_writer log{values, names};
  access_queue queue;
  log.start({&queue});
  for (unsigned long i = 0; i < 100; ++i) EXPECT_TRUE(queue.put(numbered(i)));
  EXPECT_TRUE(log.stop(mono_now() + std::chrono::seconds{1}));
  EXPECT_EQ(log.lost(), 100U);
}

TEST(access_writer, with_none_there_is_no_file_no_thread_and_no_queue) {
  auto values = to_file("/nowhere/at/all");
  values.access = access_log::none;
  access_writer log{values, names};
  access_queue queue;
  log.start({&queue});
  EXPECT_FALSE(queue.put(numbered(0)));
  EXPECT_TRUE(log.stop(mono_now() + std::chrono::seconds{1}));
}

TEST(access_writer, a_file_that_cannot_be_had_is_reported_at_once) {
  auto const values = to_file("/nowhere/at/all");
  EXPECT_THROW((access_writer{values, names}), std::runtime_error);
}

}  // namespace
}  // namespace gateway::test::access_writer_test
