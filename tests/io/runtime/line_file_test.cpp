#include "io/runtime/line_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "io/runtime/clock.hpp"
#include "temporary_directory.hpp"

namespace gateway::test::line_file_test {
namespace {

using namespace std::chrono_literals;

std::size_t write(line_file& to, std::string_view lines) {
  int error = 0;
  auto const taken = to.write(lines, mono_now() + 100ms, error);
  EXPECT_EQ(error, 0);
  return taken;
}

TEST(line_file, appends_and_keeps_what_was_there) {
  temporary_directory const here;
  auto const path = here.file("log");
  std::ofstream{path} << "old\n";
  line_file file;
  std::string why_not;
  ASSERT_TRUE(file.open(path, why_not)) << why_not;
  EXPECT_EQ(write(file, "one\ntwo\n"), 8U);
  EXPECT_EQ(content_of(path), "old\none\ntwo\n");
}

TEST(line_file, a_new_file_is_nobody_else_s_to_read) {
  temporary_directory const here;
  auto const path = here.file("log");
  line_file file;
  std::string why_not;
  ASSERT_TRUE(file.open(path, why_not));
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & S_IRWXO, 0U);
}

TEST(line_file, goes_on_under_the_old_name_after_it_was_renamed) {
  temporary_directory const here;
  auto const path = here.file("log");
  line_file file;
  std::string why_not;
  ASSERT_TRUE(file.open(path, why_not));
  write(file, "before\n");
  std::filesystem::rename(path, here.file("log.1"));
  write(file, "between\n");
  ASSERT_TRUE(file.open(path, why_not));
  write(file, "after\n");
  EXPECT_EQ(content_of(here.file("log.1")), "before\nbetween\n");
  EXPECT_EQ(content_of(path), "after\n");
}

TEST(line_file, what_cannot_be_opened_leaves_the_old_one_open) {
  temporary_directory const here;
  auto const path = here.file("log");
  line_file file;
  std::string why_not;
  ASSERT_TRUE(file.open(path, why_not));
  EXPECT_FALSE(file.open(here.file("nowhere/log"), why_not));
  EXPECT_NE(why_not.find("nowhere/log' cannot be opened: No such file"), why_not.npos) << why_not;
  write(file, "still\n");
  EXPECT_EQ(content_of(path), "still\n");
}

TEST(line_file, a_full_disk_is_an_error_and_the_next_line_begins_on_a_line_of_its_own) {
  line_file file;
  std::string why_not;
  ASSERT_TRUE(file.open("/dev/full", why_not));
  int error = 0;
  EXPECT_EQ(file.write("lost\n", mono_now() + 100ms, error), 0U);
  EXPECT_EQ(error, ENOSPC);
}

// A named pipe whose other end is read only by the test.
class fifo {
public:
  explicit fifo(const std::string& path) : path_(path) {
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    reader_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  }
  fifo(const fifo&) = delete;
  fifo& operator=(const fifo&) = delete;
  ~fifo() { ::close(reader_); }

  std::string read() {
    std::string all(1024 * 1024, '\0');
    auto const size = ::read(reader_, all.data(), all.size());
    all.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return all;
  }

private:
  std::string path_;
  int reader_;
};

TEST(line_file, who_does_not_read_a_pipe_is_not_waited_for) {
  temporary_directory const here;
  fifo pipe{here.file("pipe")};
  line_file file;
  std::string why_not;
  ASSERT_TRUE(file.open(here.file("pipe"), why_not)) << why_not;
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += std::string(99, static_cast<char>('a' + i % 26)) + "\n";  // a megabyte; a pipe takes 64 KiB
  auto const taken = write(file, lines);
  EXPECT_GT(taken, 0U);
  EXPECT_LT(taken, lines.size());
  EXPECT_EQ(taken % 100, 0U) << "whole lines only";
  EXPECT_EQ(write(file, lines.substr(taken)), 0U) << "there is no room";
  EXPECT_EQ(pipe.read(), lines.substr(0, taken));
  EXPECT_GT(write(file, lines.substr(taken)), 0U) << "there is room again";
}

TEST(line_file, a_pipe_without_a_reader_keeps_some_lines_for_one) {
  temporary_directory const here;
  auto const path = here.file("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  line_file file;
  std::string why_not;
  ASSERT_TRUE(file.open(path, why_not)) << why_not;
  EXPECT_EQ(write(file, "kept\n"), 5U);
  int const reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  std::string got(100, '\0');
  EXPECT_EQ(::read(reader, got.data(), got.size()), 5);
  ::close(reader);
}

TEST(line_file, who_has_gone_is_an_error) {
  temporary_directory const here;
  line_file file;
  std::string why_not;
  {
    fifo const pipe{here.file("pipe")};
    ASSERT_TRUE(file.open(here.file("pipe"), why_not));
  }
  auto* const before = ::signal(SIGPIPE, SIG_IGN);  // like the gateway
  int error = 0;
  EXPECT_EQ(file.write("lost\n", mono_now() + 100ms, error), 0U);
  EXPECT_EQ(error, EPIPE);
  ::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace gateway::test::line_file_test
