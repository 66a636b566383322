// What is read in place of a file, and what is refused.
#include "io/files/plain_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "temporary_directory.hpp"

namespace gateway::test::plain_file_test {
namespace {

std::string refusal(const std::string& path) {
  plain_file file{path};
  EXPECT_EQ(file.read(100), "");
  return file.why_not();
}

TEST(plain_file, reads_up_to_its_bound) {
  temporary_directory const here;
  auto const path = here.file("file");
  std::ofstream{path} << std::string(1000, 'x');
  plain_file exact{path};
  EXPECT_EQ(exact.read(1000), std::string(1000, 'x'));
  EXPECT_EQ(exact.why_not(), "");
  plain_file larger{path};
  larger.read(999);
  EXPECT_EQ(larger.why_not(), "'" + path + "' is larger than 999B");
  EXPECT_EQ(why_not_plain(path, 1000), "");
  EXPECT_EQ(why_not_plain(path, 999), "'" + path + "' is larger than 999B");
}

TEST(plain_file, reads_many_chunks) {
  temporary_directory const here;
  auto const path = here.file("file");
  std::string const content(300'001, 'y');
  std::ofstream{path} << content;
  EXPECT_EQ(plain_file{path}.read(1'000'000), content);
}

TEST(plain_file, refuses_what_is_none) {
  temporary_directory const here;
  auto const pipe = here.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(refusal(pipe), "'" + pipe + "' is not a file");
  EXPECT_EQ(refusal("/dev/zero"), "'/dev/zero' is not a file");
  EXPECT_EQ(refusal("/"), "'/' is not a file");
  EXPECT_EQ(refusal(here.file("gone")), "'" + here.file("gone") + "' cannot be read: No such file or directory");
  EXPECT_TRUE(plain_file{here.file("gone")}.is_missing());
  EXPECT_FALSE(plain_file{pipe}.is_missing());
}

TEST(plain_file, takes_a_pipe_where_pipes_are_taken) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::write(ends[1], "text", 4), 4);
  ::close(ends[1]);
  plain_file file{"/dev/fd/" + std::to_string(ends[0]), plain_file::pipes::taken};
  EXPECT_EQ(file.read(100), "text");
  EXPECT_EQ(file.why_not(), "");
  ::close(ends[0]);
}

TEST(plain_file, a_stamp_changes_with_the_content_and_with_the_file) {
  temporary_directory const here;
  auto const path = here.file("file");
  EXPECT_EQ(stamp_of(path), std::nullopt);
  std::ofstream{path} << "one";
  auto const first = stamp_of(path);
  EXPECT_EQ(stamp_of(path), first);
  std::ofstream{here.file("other")} << "two";
  std::filesystem::rename(here.file("other"), path);
  EXPECT_NE(stamp_of(path), first);
}

}  // namespace
}  // namespace gateway::test::plain_file_test
