// The log's thread and a standard error that nothing reads.
#include "io/runtime/log_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "io/runtime/clock.hpp"

namespace gateway::test::log_writer_test {
namespace {

using std::chrono::milliseconds;

// Standard error is a pipe during its lifetime.
class piped_standard_error {
public:
  piped_standard_error() : before_(::dup(STDERR_FILENO)) {
    EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    ::dup2(ends_[1], STDERR_FILENO);
  }
  piped_standard_error(const piped_standard_error&) = delete;
  piped_standard_error& operator=(const piped_standard_error&) = delete;
  ~piped_standard_error() {
    ::dup2(before_, STDERR_FILENO);
    for (int const one : {before_, ends_[0], ends_[1]}) ::close(one);
  }

  std::string read() const {
    std::string all(1024 * 1024, '\0');
    auto const size = ::read(ends_[0], all.data(), all.size());
    all.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return all;
  }

private:
  int before_;
  std::array<int, 2> ends_{};
};

TEST(log_writer, writes_lines_in_order_and_the_last_ones_when_it_stops) {
  piped_standard_error const here;
  log_writer log;
  log.put("before\n");
  log.start();
  log.put("one\n");
  log.put("two\n");
  EXPECT_TRUE(log.stop(mono_now() + std::chrono::seconds{5}));
  log.put("after\n");
  EXPECT_EQ(here.read(), "before\none\ntwo\nafter\n");
  EXPECT_EQ(log.lost(), 0U);
}

TEST(log_writer, lines_that_nothing_reads_are_dropped_and_counted_and_the_end_does_not_wait_for_them) {
  piped_standard_error const here;
  log_writer log;
  log.start();
  constexpr std::size_t lines = 4 * log_writer::room;
  for (std::size_t i = 0; i < lines; ++i) log.put(std::string(99, static_cast<char>('a' + i % 26)) + "\n");
  EXPECT_GT(log.lost(), 0U);
  EXPECT_TRUE(log.stop(mono_now() + milliseconds{50}));
  auto const text = here.read();
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(text, '\n')) + log.lost(), lines) << "each line was written or counted";
  EXPECT_EQ(text.size() % 100, 0U) << "whole lines only";
}

TEST(log_writer, a_standard_error_that_is_shared_stays_as_it_is) {
  piped_standard_error const here;
  log_writer log;
  log.put("line\n");
  EXPECT_EQ(::fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0);
}

}  // namespace
}  // namespace gateway::test::log_writer_test
