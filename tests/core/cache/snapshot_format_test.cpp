#include "core/cache/snapshot_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/snapshots.hpp"

namespace gateway::snapshot_format_test {
namespace {

using testing::ElementsAre;

const std::vector<std::string> three{"first", std::string(3'000, 'x'), "third"};

std::string file(const std::vector<std::string>& chunks = three, snapshot_lead lead = {}) {
  checksum_guard guard;
  return snapshot_of(chunks, guard, lead);
}

read_snapshot read(std::string_view bytes, std::size_t max_chunk = 1 << 20) {
  checksum_guard guard;
  return read_back(bytes, guard, max_chunk);
}

bool is_beginning(const std::vector<std::string>& some) {
  return some.size() <= three.size() && std::equal(some.begin(), some.end(), three.begin());
}

TEST(snapshot_format, gives_back_what_was_written) {
  auto const found = read(file());
  EXPECT_TRUE(found.whole);
  EXPECT_EQ(found.chunks, three);
  EXPECT_EQ(found.key[3], std::byte{42});
  EXPECT_TRUE(read(file({})).whole) << "an empty cache is one, too";
}

TEST(snapshot_format, every_bit_counts) {
  auto const good = file();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int const bit : {0, 7}) {
      auto bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      auto const found = read(bad);
      ASSERT_FALSE(found.whole) << "byte " << i;
      ASSERT_TRUE(is_beginning(found.chunks)) << "byte " << i;
    }
  }
}

TEST(snapshot_format, every_cut_is_noticed) {
  auto const good = file();
  for (std::size_t size = 0; size < good.size(); ++size) {
    auto const found = read(std::string_view{good}.substr(0, size));
    ASSERT_FALSE(found.whole) << size;
    ASSERT_TRUE(is_beginning(found.chunks)) << size;
  }
  EXPECT_FALSE(read(good + "x").whole);
}

TEST(snapshot_format, chunks_have_their_place) {
  constexpr std::size_t framing = 4 + 1 + 16;
  auto const good = file({"aaaa", "bbbb"});
  auto const at = snapshot_lead::size + framing + sizeof(fingerprint_key);
  auto const first = good.substr(at, framing + 4), second = good.substr(at + framing + 4, framing + 4);
  auto const head = good.substr(0, at), end = good.substr(at + 2 * (framing + 4));
  EXPECT_TRUE(read(head + first + second + end).whole);
  EXPECT_THAT(read(head + second + first + end).chunks, ElementsAre());
  EXPECT_THAT(read(head + first + first + second + end).chunks, ElementsAre("aaaa"));
  EXPECT_FALSE(read(head + first + end).whole);
  EXPECT_FALSE(read(head + end).whole);
  EXPECT_FALSE(read(head + first + second + first + end).whole);
}

TEST(snapshot_format, a_chunk_of_another_file_is_none_of_this_one) {
  snapshot_lead other;
  other.salt[0] = std::byte{1};
  auto const mine = file(), theirs = file(three, other);
  for (std::size_t cut : {snapshot_lead::size, snapshot_lead::size + 53, mine.size() - 21})
    EXPECT_FALSE(read(mine.substr(0, cut) + theirs.substr(cut)).whole) << cut;
}

TEST(snapshot_format, no_chunk_is_larger_than_it_may_be) {
  EXPECT_THAT(read(file(), 2'999).chunks, ElementsAre("first"));
  EXPECT_TRUE(read(file(), 3'000).whole);
}

TEST(snapshot_format, says_what_a_file_is_not) {
  std::string why_not;
  auto const good = file();
  EXPECT_FALSE(snapshot_lead::parse("something else", why_not));
  EXPECT_EQ(why_not, "it is no snapshot of a cache");
  auto later = good.substr(0, snapshot_lead::size);
  later[8] = 9;
  EXPECT_FALSE(snapshot_lead::parse(later, why_not));
  EXPECT_EQ(why_not, "it is of version 9, which this program does not know");
  EXPECT_FALSE(snapshot_lead::parse(good.substr(0, 20), why_not));
  EXPECT_EQ(why_not, "it ends too early");
}

TEST(snapshot_format, a_key_is_hexadecimal_or_base64) {
  std::string const hex(64, 'a');
  auto const key = parse_snapshot_key(hex);
  ASSERT_TRUE(key);
  EXPECT_EQ((*key)[31], std::byte{0xaa});
  EXPECT_EQ(parse_snapshot_key("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo="), key);
  for (auto const* wrong :
       {"", "aa", "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqg==", "not a key at all, but as long as one is: 0123456789"})
    EXPECT_FALSE(parse_snapshot_key(wrong)) << wrong;
  EXPECT_FALSE(parse_snapshot_key(hex + "a"));
  EXPECT_FALSE(parse_snapshot_key(std::string(63, 'a') + "g"));
}

}  // namespace
}  // namespace gateway::snapshot_format_test
