// The file of the audit trail: whole lines, whatever becomes of the file.
#include "io/runtime/audit_writer.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <random>
#include <sstream>

#include "io/runtime/clock.hpp"
#include "temporary_directory.hpp"

namespace gateway::test::audit_writer_test {
namespace {

using std::chrono::seconds;

std::vector<std::string> lines_of(const std::string& path) {
  std::istringstream text{content_of(path)};
  std::vector<std::string> all;
  for (std::string line; std::getline(text, line);) all.push_back(line);
  return all;
}

// Until the file has that many lines.
void await_lines(const std::string& path, std::size_t count) {
  auto const deadline = mono_now() + seconds{10};
  while ((!std::filesystem::exists(path) || lines_of(path).size() < count) && mono_now() < deadline) std::this_thread::yield();
  ASSERT_GE(lines_of(path).size(), count);
}

TEST(audit_writer, appends_each_line_and_makes_a_file_for_its_owner_alone) {
  temporary_directory const here;
  auto const path = here.file("audit");
  for (int run = 0; run < 2; ++run) {
    audit_writer to{path};
    to.start();
    to.put("a");
    to.put("b");
    EXPECT_TRUE(to.stop(mono_now() + seconds{1}));
    EXPECT_EQ(to.lost(), 0U);
  }
  EXPECT_EQ(lines_of(path), (std::vector<std::string>{"a", "b", "a", "b"}));
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST(audit_writer, follows_its_path_when_the_file_is_moved_or_removed) {
  temporary_directory const here;
  auto const path = here.file("audit");
  audit_writer to{path};
  to.start();
  to.put("1");
  await_lines(path, 1);
  std::filesystem::rename(path, path + ".1");
  to.put("2");
  await_lines(path, 1);
  std::filesystem::remove(path);
  to.reopen();
  auto const deadline = mono_now() + seconds{10};
  while (!std::filesystem::exists(path) && mono_now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(std::filesystem::exists(path)) << "at once, without a line";
  to.put("3");
  EXPECT_TRUE(to.stop(mono_now() + seconds{1}));
  EXPECT_EQ(lines_of(path + ".1"), std::vector<std::string>{"1"});
  EXPECT_EQ(lines_of(path), std::vector<std::string>{"3"});
}

TEST(audit_writer, lines_wait_for_a_file_that_cannot_be_written_and_further_ones_are_counted) {
  audit_writer to{"/dev/full"};
  to.start();
  for (std::size_t i = 0; i < audit_writer::room + 7; ++i) to.put("line");
  EXPECT_EQ(to.lost(), 7U);
  EXPECT_TRUE(to.stop(mono_now() + seconds{1}));
  EXPECT_EQ(to.lost(), audit_writer::room + 7);
}

TEST(audit_writer, what_waited_is_written_once_the_folder_is_back) {
  temporary_directory const here;
  auto const folder = here.file("folder");
  std::filesystem::create_directory(folder);
  auto const path = folder + "/audit";
  audit_writer to{path};
  to.start();
  to.put("1");
  await_lines(path, 1);
  std::filesystem::rename(folder, folder + ".away");
  to.put("2");
  to.put("3");
  std::filesystem::create_directory(folder);
  await_lines(path, 2);
  EXPECT_TRUE(to.stop(mono_now() + seconds{1}));
  EXPECT_EQ(lines_of(path), (std::vector<std::string>{"2", "3"}));
  EXPECT_EQ(to.lost(), 0U);
}

TEST(audit_writer, without_a_path_it_does_nothing_and_a_bad_one_is_said_at_once) {
  audit_writer none{""};
  none.start();
  none.put("x");
  none.reopen();
  EXPECT_TRUE(none.stop(mono_now() + seconds{1}));
  EXPECT_EQ(none.lost(), 0U);
  EXPECT_THROW(audit_writer{"/nowhere/at/all"}, std::runtime_error);
}

// Lines and moves at random: all the files together have each line once, and each file has them in order.
TEST(audit_writer, at_random_no_line_is_lost_or_written_twice) {
  temporary_directory const here;
  auto const path = here.file("audit");
  std::minstd_rand random{3};
  std::size_t moved = 0;
  std::size_t put = 0;
  {
    audit_writer to{path};
    to.start();
    for (int step = 0; step < 3000; ++step) {
      auto const what = random() % 100;
      std::error_code ignored;
      if (what < 1) std::filesystem::rename(path, path + "." + std::to_string(moved++), ignored);
      if (what == 50) to.reopen();
      if (to.lost() == 0) to.put(std::to_string(put++));
      if (what == 99) std::this_thread::yield();
    }
    EXPECT_TRUE(to.stop(mono_now() + seconds{5}));
    ASSERT_LE(to.lost(), put);
    put -= to.lost();
  }
  std::vector<std::size_t> all;
  for (auto const& file : std::filesystem::directory_iterator{std::filesystem::path{path}.parent_path()}) {
    std::size_t before = 0;
    for (auto const& line : lines_of(file.path().string())) {
      auto const number = std::stoul(line);
      EXPECT_TRUE(before == 0 || number > before) << file.path();
      before = number;
      all.push_back(number);
    }
  }
  EXPECT_EQ(all.size(), put);
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

}  // namespace
}  // namespace gateway::test::audit_writer_test
