// Looks at token files again and again: what counts as a change, and what does not.
#include "io/files/access_looker.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/auth/token.hpp"
#include "temporary_directory.hpp"

namespace gateway::test::access_looker_test {
namespace {

constexpr fingerprint_key key{std::byte{1}};

class looks : public testing::Test {
protected:
  looks() {
    write("billing", "b");
    write("reports", "r");
    values_.mode = credentials_mode::inject;
    for (auto const* const name : {"billing", "reports"}) {
      client_settings one;
      one.name = name;
      one.token_file = here_.file(name);
      values_.clients.push_back(one);
    }
  }

  // Replaced as a whole.
  void write(const std::string& name, std::string_view token) {
    std::ofstream{here_.file("new")} << token_hash_text(hash_of_token(token)) << '\n';
    std::filesystem::permissions(here_.file("new"), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::rename(here_.file("new"), here_.file(name));
  }

  temporary_directory here_;
  credential_settings values_;
};

TEST_F(looks, the_first_one_counts_and_then_only_changes) {
  access_looker looker{values_, key};
  auto const first = looker.look();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->content, read_access(values_, key).rules.content) << "what a reload would read";
  for (int i = 0; i < 25; ++i) EXPECT_EQ(looker.look(), nullptr);
  write("reports", "s");
  auto const second = looker.look();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->clients[1].tokens, std::vector{hash_of_token("s")});
  EXPECT_EQ(second->clients[0].tokens, std::vector{hash_of_token("b")});
  EXPECT_EQ(looker.look(), nullptr);
}

TEST_F(looks, the_keys_of_an_issuer_count_too) {
  static constexpr std::string_view x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";  // RFC 8037, appendix A.2
  auto const write_keys = [&](std::string_view id, std::filesystem::perms more = {}) {
    using enum std::filesystem::perms;
    std::ofstream{here_.file("new")} << R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":")" << id << R"(","x":")" << x << R"("}]})";
    std::filesystem::permissions(here_.file("new"), owner_read | owner_write | others_read | more);
    std::filesystem::rename(here_.file("new"), here_.file("jwks.json"));
  };
  write_keys("one");
  values_.jwt = {"issuer", "audience", here_.file("jwks.json")};
  auto const read = read_access(values_, key);
  ASSERT_TRUE(read.problems.empty()) << read.problems.front().text;
  EXPECT_EQ(read.rules.injecting->jwt->keys.at(0).id, "one");
  access_looker looker{values_, key};
  EXPECT_EQ(looker.look()->content, read.rules.content) << "what a reload would read";
  for (int i = 0; i < 25; ++i) EXPECT_EQ(looker.look(), nullptr);
  write_keys("two");
  auto const changed = looker.look();
  ASSERT_NE(changed, nullptr);
  EXPECT_EQ(changed->jwt.keys.at(0).id, "two");
  EXPECT_EQ(looker.look(), nullptr);
  write_keys("three", std::filesystem::perms::others_write);
  auto const open = looker.look();
  EXPECT_EQ(open->jwt.is, file_state::unusable);
  EXPECT_NE(open->jwt.why_not.find("credentials.jwt.jwks_file: "), std::string::npos);
  EXPECT_NE(open->jwt.why_not.find("can be written by every user"), std::string::npos) << open->jwt.why_not;
  std::filesystem::remove(here_.file("jwks.json"));
  EXPECT_EQ(looker.look()->jwt.is, file_state::missing);
}

TEST_F(looks, a_symbolic_link_to_another_file_is_a_change) {
  std::filesystem::create_symlink(here_.file("billing"), here_.file("link"));
  values_.clients[0].token_file = here_.file("link");
  access_looker looker{values_, key};
  looker.look();
  EXPECT_EQ(looker.look(), nullptr);
  write("other", "o");
  std::filesystem::remove(here_.file("link"));
  std::filesystem::create_symlink(here_.file("other"), here_.file("link"));
  auto const seen = looker.look();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->clients[0].tokens, std::vector{hash_of_token("o")});
}

TEST_F(looks, a_missing_file_counts_at_each_look_and_its_return_does_too) {
  access_looker looker{values_, key};
  looker.look();
  std::filesystem::rename(here_.file("billing"), here_.file("away"));
  for (int i = 0; i < 3; ++i) {
    auto const seen = looker.look();
    ASSERT_NE(seen, nullptr);
    EXPECT_EQ(seen->clients[0].is, file_state::missing);
  }
  std::filesystem::rename(here_.file("away"), here_.file("billing"));
  auto const seen = looker.look();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->clients[0].is, file_state::sound);
  EXPECT_EQ(looker.look(), nullptr);
}

// A file that is changed through a mapping gets no new time while its page stays dirty: as if its stamp lagged.
class mapped_file {
public:
  explicit mapped_file(const std::string& path) : descriptor_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    bytes_ = static_cast<char*>(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0));
  }
  mapped_file(const mapped_file&) = delete;
  mapped_file& operator=(const mapped_file&) = delete;
  ~mapped_file() {
    ::munmap(bytes_, size);
    ::close(descriptor_);
  }
  void write(const std::string& text) { std::ranges::copy(text, bytes_); }

private:
  static constexpr std::size_t size = 4096;
  int descriptor_;
  char* bytes_;
};

TEST_F(looks, a_changed_file_whose_stamp_is_the_same_is_read_in_its_turn) {
  mapped_file file{here_.file("billing")};
  file.write(token_hash_text(hash_of_token("b")));
  auto const before = stamp_of(here_.file("billing"));
  access_looker looker{values_, key};
  looker.look();
  file.write(token_hash_text(hash_of_token("c")));
  if (stamp_of(here_.file("billing")) != before) GTEST_SKIP() << "this file system notices changes through a mapping";
  std::shared_ptr<const access_look> seen;
  for (int look = 0; look < 10 && seen == nullptr; ++look) seen = looker.look();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->clients[0].tokens, std::vector{hash_of_token("c")});
}

TEST_F(looks, a_user_is_asked_for) {
  values_.clients[0].unix_user = "root";
  values_.clients[1].unix_user = "no-such-user-here";
  access_looker looker{values_, key};
  auto const seen = looker.look();
  EXPECT_EQ(seen->clients[0].unix_user, 0U);
  EXPECT_EQ(seen->clients[1].unix_user, std::nullopt);
  EXPECT_EQ(looker.look(), nullptr);
}

}  // namespace
}  // namespace gateway::test::access_looker_test
