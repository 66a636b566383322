#include "io/files/snapshot_seal.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "temporary_directory.hpp"

namespace gateway::snapshot_seal_test {
namespace {

fingerprint_key key_of(unsigned char byte) {
  fingerprint_key key{};
  key.fill(std::byte{byte});
  return key;
}

TEST(snapshot_seal, opens_what_it_closed_and_nothing_else) {
  snapshot_lead const lead;
  snapshot_seal seal{key_of(1), lead};
  std::string const plain(1'000, 'p');
  auto sealed = plain;
  auto const tag = seal.close(5, "place", sealed);
  ASSERT_EQ(sealed.size(), plain.size());
  EXPECT_EQ(sealed.find("ppp"), std::string::npos);
  auto const opens = [&](snapshot_seal& with, std::uint64_t index, std::string_view place, digest its_tag, std::string bytes) {
    return with.open(index, place, its_tag, bytes) && bytes == plain;
  };
  EXPECT_TRUE(opens(seal, 5, "place", tag, sealed));
  EXPECT_FALSE(opens(seal, 6, "place", tag, sealed));
  EXPECT_FALSE(opens(seal, 5, "plane", tag, sealed));
  auto wrong_tag = tag;
  wrong_tag[15] ^= std::byte{1};
  EXPECT_FALSE(opens(seal, 5, "place", wrong_tag, sealed));
  auto changed = sealed;
  changed[500] = static_cast<char>(changed[500] ^ 1);
  EXPECT_FALSE(opens(seal, 5, "place", tag, changed));
  snapshot_seal other_key{key_of(2), lead};
  EXPECT_FALSE(opens(other_key, 5, "place", tag, sealed));
  snapshot_lead another;
  another.salt[0] = std::byte{1};
  snapshot_seal other_file{key_of(1), another};
  EXPECT_FALSE(opens(other_file, 5, "place", tag, sealed)) << "a key of its own for each file";
  std::string empty;
  auto const of_nothing = seal.close(6, "end", empty);
  EXPECT_TRUE(seal.open(6, "end", of_nothing, empty));
  EXPECT_FALSE(seal.open(7, "end", of_nothing, empty));
}

TEST(snapshot_seal, a_key_is_read_from_a_file_that_is_nobody_elses) {
  test::temporary_directory const folder;
  auto const path = folder.file("key");
  auto const write = [&](std::string_view text, ::mode_t mode) {
    std::ofstream{path} << text;
    ::chmod(path.c_str(), mode);
  };
  std::string why_not;
  EXPECT_FALSE(read_seal_key(path, why_not));
  EXPECT_NE(why_not.find("No such file"), std::string::npos);
  write(std::string(64, '1') + "\n", 0600);
  EXPECT_EQ(read_seal_key(path, why_not), key_of(0x11));
  write(std::string(64, '1'), 0644);
  EXPECT_FALSE(read_seal_key(path, why_not));
  EXPECT_NE(why_not.find("can be read by every user"), std::string::npos) << why_not;
  write("too short", 0600);
  EXPECT_FALSE(read_seal_key(path, why_not));
  EXPECT_NE(why_not.find("32 random bytes"), std::string::npos) << why_not;
  EXPECT_EQ(why_not.find("too short"), std::string::npos) << "what is in it is nobody's business";
}

}  // namespace
}  // namespace gateway::snapshot_seal_test
