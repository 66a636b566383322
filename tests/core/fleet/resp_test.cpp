// Replies of the engine, however their bytes are cut into pieces, and the bounds on what is read.
#include "core/fleet/resp.hpp"

#include <gtest/gtest.h>

namespace gateway::resp_test {
namespace {

using kind = engine_reply::kind;

std::string shown(const engine_reply& reply) {
  switch (reply.is) {
    case kind::nil:
      return "nil";
    case kind::text:
      return "'" + reply.text + "'";
    case kind::integer:
      return std::to_string(reply.number);
    case kind::error:
      return "error " + reply.text;
    case kind::array:
      break;
  }
  std::string all = "[";
  for (auto const& item : reply.items) all += (all.size() > 1 ? " " : "") + shown(item);
  return all + "]";
}

// All replies in the bytes, which arrive in pieces of that size; "…" for one that has not ended, "broken" for what is none.
std::string read(std::string_view bytes, std::size_t piece = 1'000'000) {
  resp_reader reader;
  std::string all;
  auto state = resp_reader::progress::whole;
  while (!bytes.empty()) {
    auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    while (!part.empty()) {
      state = reader.read(part);
      if (state == resp_reader::progress::broken) return all + "broken";
      if (state == resp_reader::progress::whole) all += shown(reader.take()) + ";";
    }
  }
  return state == resp_reader::progress::more ? all + "…" : all;
}

TEST(resp, every_kind_of_reply) {
  EXPECT_EQ(read("+OK\r\n"), "'OK';");
  EXPECT_EQ(read("-NOSCRIPT No matching script.\r\n"), "error NOSCRIPT No matching script.;");
  EXPECT_EQ(read(":-7\r\n:9223372036854775807\r\n"), "-7;9223372036854775807;");
  EXPECT_EQ(read("$5\r\na\r\nb\n\r\n$0\r\n\r\n$-1\r\n"), "'a\r\nb\n';'';nil;");
  EXPECT_EQ(read("*0\r\n*-1\r\n*3\r\n:1\r\n*2\r\n$1\r\nx\r\n$-1\r\n-E\r\n"), "[];nil;[1 ['x' nil] error E];");
}

TEST(resp, pieces_of_any_size_mean_the_same) {
  constexpr std::string_view bytes = "*3\r\n$4\r\n\r\n\r\n\r\n*1\r\n*0\r\n+yes\r\n:12\r\n-ERR no\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_EQ(read(bytes, piece), "['\r\n\r\n' [[]] 'yes'];12;error ERR no;") << piece;
}

TEST(resp, what_has_not_ended_is_awaited) {
  for (auto const* bytes : {"+OK", "$5\r\nhal", "$5\r\nhallo\r", "*2\r\n:1\r\n", "*1\r\n*1\r\n"}) EXPECT_EQ(read(bytes), "…") << bytes;
}

TEST(resp, what_is_no_reply_ends_the_reading) {
  for (auto const* bytes :
       {"OK\r\n", "\r\n", "+OK\n", ":1x\r\n", ":\r\n", "$-2\r\n", "*-7\r\n", "$3\r\nabcd\r\n", "%1\r\n", "$99999999999999999999\r\n"})
    EXPECT_EQ(read(bytes), "broken") << bytes;
  resp_reader reader;
  std::string_view wrong = "?\r\n", right = "+OK\r\n";
  EXPECT_EQ(reader.read(wrong), resp_reader::progress::broken);
  EXPECT_EQ(reader.read(right), resp_reader::progress::broken);
}

TEST(resp, an_announced_size_beyond_the_bound_is_refused_before_its_bytes_come) {
  EXPECT_EQ(read("$1073741824\r\n"), "broken");
  EXPECT_EQ(read("$" + std::to_string(resp_reader::max_bytes) + "\r\n"), "broken");
  EXPECT_EQ(read("$" + std::to_string(resp_reader::max_bytes - 64) + "\r\n"), "…");
  EXPECT_EQ(read("*" + std::to_string(resp_reader::max_items + 1) + "\r\n"), "broken");
  EXPECT_EQ(read("*" + std::to_string(resp_reader::max_items) + "\r\n"), "…");
}

TEST(resp, many_small_parts_count_together) {
  std::string half = "$" + std::to_string(resp_reader::max_bytes / 2) + "\r\n";
  EXPECT_EQ(read("*2\r\n" + half + std::string(resp_reader::max_bytes / 2, 'x') + "\r\n" + half), "broken");
  std::string arrays = "*1001\r\n";
  for (int i = 0; i < 99; ++i)
    arrays += "*1000\r\n" + [] {
      std::string nils;
      for (int j = 0; j < 1000; ++j) nils += "$-1\r\n";
      return nils;
    }();
  EXPECT_EQ(read(arrays + "*1\r\n"), "broken");
}

TEST(resp, depth_and_lines_are_bounded) {
  std::string deep;
  for (std::size_t i = 0; i < resp_reader::max_depth; ++i) deep += "*1\r\n";
  EXPECT_EQ(read(deep), "…");
  EXPECT_EQ(read(deep + "*1\r\n"), "broken");
  EXPECT_EQ(read(std::string(resp_reader::max_line, '+')), "…");
  EXPECT_EQ(read(std::string(resp_reader::max_line + 1, '+')), "broken");
}

TEST(resp, bounds_count_for_each_reply_anew) {
  std::string const one = "$1048576\r\n" + std::string(1048576, 'x') + "\r\n";
  resp_reader reader;
  std::string const all = one + one + one + one + one;
  std::string_view left = all;
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(reader.read(left), resp_reader::progress::whole) << i;
    EXPECT_EQ(reader.take().text.size(), 1048576U);
  }
}

TEST(resp, items_count_for_each_reply_anew) {
  std::string one = "*" + std::to_string(resp_reader::max_items) + "\r\n";
  for (std::size_t i = 0; i < resp_reader::max_items; ++i) one += "$-1\r\n";
  resp_reader reader;
  auto const all = one + one;
  std::string_view left = all;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(reader.read(left), resp_reader::progress::whole) << i;
    EXPECT_EQ(reader.take().items.size(), resp_reader::max_items);
  }
}

TEST(resp, a_command_holds_any_bytes) {
  std::string out;
  append_command(out, {"SET", "a key", std::string_view{"\r\n\0", 3}});
  EXPECT_EQ(out, (std::string{"*3\r\n$3\r\nSET\r\n$5\r\na key\r\n$3\r\n\r\n\0\r\n", 33}));
}

}  // namespace
}  // namespace gateway::resp_test
