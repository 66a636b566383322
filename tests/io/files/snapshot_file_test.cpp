#include "io/files/snapshot_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "io/files/snapshot_reader.hpp"
#include "io/files/snapshot_seal.hpp"
#include "temporary_directory.hpp"

namespace gateway::snapshot_file_test {
namespace {

using test::content_of;
using test::temporary_directory;

bool put(const std::string& path, std::string_view bytes) {
  snapshot_output to{path};
  std::string why_not;
  bool gone = false;
  return to.open(why_not) && to.write(bytes, why_not) && to.sync(why_not) && to.place(gone, why_not);
}

TEST(snapshot_file, takes_its_place_as_a_whole) {
  temporary_directory const folder;
  auto const path = folder.file("s");
  ASSERT_TRUE(put(path, "one"));
  {
    snapshot_output to{path};
    std::string why_not;
    ASSERT_TRUE(to.open(why_not) && to.write("half", why_not));
    EXPECT_EQ(content_of(path), "one");
  }
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp")) << "what was not placed leaves nothing";
  ASSERT_TRUE(put(path, "two"));
  EXPECT_EQ(content_of(path), "two");
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms{0600});
}

TEST(snapshot_file, what_was_removed_meanwhile_takes_no_place) {
  temporary_directory const folder;
  auto const path = folder.file("s");
  snapshot_output to{path};
  std::string why_not;
  ASSERT_TRUE(to.open(why_not));
  ASSERT_TRUE(remove_unfinished(path, why_not));
  bool gone = false;
  EXPECT_FALSE(to.place(gone, why_not));
  EXPECT_TRUE(gone);
  EXPECT_TRUE(remove_snapshot(path, why_not)) << "what is not there is removed";
}

TEST(snapshot_file, no_link_is_followed) {
  temporary_directory const folder;
  auto const path = folder.file("s");
  ASSERT_TRUE(put(folder.file("victim"), "precious"));
  std::filesystem::create_symlink("victim", path);
  std::filesystem::create_symlink("victim", path + ".tmp");
  snapshot_input from;
  std::string why_not;
  EXPECT_FALSE(from.open(path, why_not));
  EXPECT_EQ(why_not, "it is a symbolic link");
  ASSERT_TRUE(put(path, "new"));
  EXPECT_EQ(content_of(folder.file("victim")), "precious");
  EXPECT_FALSE(std::filesystem::is_symlink(path));
}

TEST(snapshot_file, is_read_only_if_nobody_else_could_have_written_it) {
  temporary_directory const folder;
  auto const path = folder.file("s");
  std::string why_not;
  snapshot_input none;
  EXPECT_FALSE(none.open(path, why_not));
  EXPECT_EQ(why_not, "") << "that there is none is no problem";
  ASSERT_TRUE(put(path, "123"));
  snapshot_input from;
  ASSERT_TRUE(from.open(path, why_not));
  EXPECT_EQ(from.read(2), "12");
  EXPECT_EQ(from.left(), 1u);
  EXPECT_EQ(from.read(2), "3");
  ::chmod(path.c_str(), 0622);
  snapshot_input guarded;
  EXPECT_FALSE(guarded.open(path, why_not));
  EXPECT_EQ(why_not, "another user could have written it");
  snapshot_input not_a_file;
  EXPECT_FALSE(not_a_file.open(folder.file(""), why_not));
}

TEST(snapshot_file, is_one_gateways_at_a_time) {
  temporary_directory const folder;
  auto const path = folder.file("s");
  std::string why_not;
  snapshot_lock first, second;
  EXPECT_EQ(first.take(path, why_not), snapshot_lock::attempt::taken);
  EXPECT_EQ(second.take(path, why_not), snapshot_lock::attempt::held);
  EXPECT_FALSE(first.is_marked());
  second.mark(true);
  EXPECT_TRUE(first.is_marked());
  first.release();
  EXPECT_EQ(second.take(path, why_not), snapshot_lock::attempt::taken);
  second.mark(false);
  EXPECT_FALSE(second.is_marked());
  snapshot_lock nowhere;
  EXPECT_EQ(nowhere.take(folder.file("no/s"), why_not), snapshot_lock::attempt::failed);
  EXPECT_NE(why_not.find("No such file"), std::string::npos) << why_not;
}

TEST(snapshot_file, is_read_chunk_by_chunk) {
  temporary_directory const folder;
  auto const path = folder.file("s");
  for (bool const sealed : {false, true}) {
    snapshot_lead lead;
    lead.sealed = sealed;
    auto const key = sealed ? std::optional{fingerprint_key{}} : std::nullopt;
    auto const guard = guard_for(lead, key);
    snapshot_encoder encoder{lead, *guard};
    auto bytes = encoder.begin(fingerprint_key{std::byte{7}});
    bytes += encoder.entries("some");
    bytes += encoder.end();
    ASSERT_TRUE(put(path, bytes));
    std::string why_not;
    snapshot_reader reader;
    ASSERT_TRUE(reader.open(path, key, why_not)) << why_not;
    EXPECT_EQ(reader.key()[0], std::byte{7});
    EXPECT_EQ(reader.next(), snapshot_reader::event::entries);
    EXPECT_EQ(reader.entries(), "some");
    EXPECT_EQ(reader.next(), snapshot_reader::event::end);
    snapshot_reader other;
    EXPECT_FALSE(other.open(path, sealed ? std::nullopt : std::optional{fingerprint_key{}}, why_not));
    EXPECT_NE(why_not.find("sealed"), std::string::npos);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      ASSERT_TRUE(put(path, bytes.substr(0, cut)));
      snapshot_reader cut_off;
      bool whole = cut_off.open(path, key, why_not);
      while (whole) {
        auto const what = cut_off.next();
        ASSERT_NE(what, snapshot_reader::event::end) << cut;
        whole = what == snapshot_reader::event::entries;
      }
    }
  }
}

}  // namespace
}  // namespace gateway::snapshot_file_test
