#include "core/cache/key.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "cache/entries.hpp"

namespace gateway::key_test {
namespace {

TEST(cache_key, owner_and_call_both_matter) {
  EXPECT_EQ(key_number(1, 1), key_number(1, 1));
  EXPECT_EQ(key_number(1, 1).hash, key_number(1, 1).hash);
  EXPECT_FALSE(key_number(1, 1) == key_number(2, 1));
  EXPECT_FALSE(key_number(1, 1) == key_number(1, 2));
  std::set<std::uint64_t> hashes;
  for (unsigned call = 0; call < 64; ++call) {
    for (unsigned owner = 0; owner < 4; ++owner) hashes.insert(key_number(call, owner).hash);
  }
  EXPECT_EQ(hashes.size(), 256u);
}

TEST(cache_key, equal_hashes_do_not_make_equal_keys) {
  auto one = key_number(1, 1);
  auto other = key_number(2, 1);
  one.hash = other.hash;
  EXPECT_FALSE(one == other);
  auto foreign = key_number(1, 2);
  one.hash = foreign.hash;
  EXPECT_FALSE(one == foreign);
}

TEST(cache_key, a_spelling_is_a_key_of_its_own_for_one_call) {
  cache_key const lower{partition{}, *call_sid::parse("CA" + std::string(32, 'a')), short_hash_key{}};
  cache_key const upper{partition{}, *call_sid::parse("CA" + std::string(32, 'A')), short_hash_key{}};
  EXPECT_FALSE(lower == upper);
  EXPECT_NE(lower.hash, upper.hash) << "else a client could fill one bucket with spellings";
  EXPECT_EQ(lower.call_bits(), upper.call_bits());
  EXPECT_EQ(lower.bits_of_all_spellings(), upper.bits_of_all_spellings());
  EXPECT_TRUE(lower.is_spelling_of(upper));
  auto const other = key_number(1, 3).owner;
  EXPECT_EQ(upper.under(other).hash, (cache_key{other, upper.call, short_hash_key{}}.hash));
  EXPECT_EQ(upper.under(other).bits_of_all_spellings(), lower.under(other).bits_of_all_spellings());
  EXPECT_FALSE(lower.is_spelling_of(upper.under(other)));
}

TEST(cache_key, the_hash_is_keyed) {
  short_hash_key other{};
  other[0] = std::byte{1};
  EXPECT_NE((cache_key{partition{}, call_number(1), short_hash_key{}}.hash), (cache_key{partition{}, call_number(1), other}.hash));
}

}  // namespace
}  // namespace gateway::key_test
