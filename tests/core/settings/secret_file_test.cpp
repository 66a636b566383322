#include "core/settings/secret_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway::secret_file_test {
namespace {

using namespace std::string_literals;
using enum secret_form;

// The lines of a secret that can be used, else the reason behind "must hold …".
std::string read(secret_form form, std::string_view bytes) {
  auto const found = parse_secret_file(bytes, form);
  EXPECT_EQ(found.lines.empty(), !found.why_not.empty()) << bytes;
  std::string text;
  for (auto const line : found.lines) text.append(text.empty() ? "" : "|").append(line);
  if (found.why_not.empty()) return text;
  EXPECT_TRUE(found.why_not.starts_with("must hold ")) << found.why_not;
  auto const reason = found.why_not.find(". It ");
  return reason == std::string::npos ? "wrong" : found.why_not.substr(reason + 2);
}

const std::string hash = "sha256:" + std::string(64, 'a');
const std::string other_hash = "sha256:" + std::string(64, 'b');
const std::string key(64, '0');
const std::string token(32, 't');

struct good_content {
  secret_form form;
  std::string content;
};
const good_content contents[] = {
    {account_credential, "AC9:secret/+=\"'#"},
    {account_credential, "bearer.token-1=="},
    {oauth_secret, "sUWblrQ4wx_aYkdAWjHX+/="},
    {client_tokens, hash},
    {proxy_credential, "gateway:a password"},
    {proxy_credential, "gateway:"},
    {admin_token, "t"},
    {open_admin_token, token},
    {admin_token, "purge on.call-2 t"},
    {open_admin_token, "operate alice " + token},
    {open_admin_token, "read alice " + hash},
    {event_tokens, token},
    {engine_password, "p@ss word=1#"},
    {engine_password, "#1"},
    {engine_password, "abc=def"},
    {engine_password, "c2VjcmV0cGFzc3dvcmQ="},
    {fleet_keys, key},
    {snapshot_key, key},
    {snapshot_key, std::string(43, 'A') + "="},
};

TEST(secret_file, what_tools_add_means_nothing) {
  for (auto const& [form, content] : contents) {
    EXPECT_EQ(read(form, content), content);
    EXPECT_EQ(read(form, content + "\n"), content);
    EXPECT_EQ(read(form, content + "\r\n"), content);
    EXPECT_EQ(read(form, "\xef\xbb\xbf" + content), content);
    EXPECT_EQ(read(form, "\xef\xbb\xbf \t\r\n\n  " + content + "\t \n\n \r\n"), content);
  }
}

TEST(secret_file, what_would_make_any_secret_useless_is_refused_by_name) {
  for (auto const& [form, content] : contents) {
    EXPECT_EQ(read(form, ""), "It is empty");
    EXPECT_EQ(read(form, "\xef\xbb\xbf \r\n\n"), "It is empty");
    EXPECT_EQ(read(form, "\"" + content + "\""), "It has quotes around it") << content;
    EXPECT_EQ(read(form, "'" + content + "'\n"), "It has quotes around it") << content;
    EXPECT_EQ(read(form, "TWILIO_SECRET=" + content), "It is NAME=VALUE; write only the value") << content;
    EXPECT_EQ(read(form, "auth_token = " + content), "It is NAME=VALUE; write only the value") << content;
    EXPECT_EQ(read(form, "export X=" + content), "It is NAME=VALUE; write only the value") << content;
    EXPECT_EQ(read(form, "# production\n" + content), "It has a line 1 that is a comment") << content;
    EXPECT_EQ(read(form, content + "\n\n# production\n"), "It has a line 3 that is a comment") << content;
    EXPECT_EQ(read(form, content.substr(0, 1) + "\0"s + content), "It has bytes that are not printable ASCII") << content;
    EXPECT_EQ(read(form, content + "\r" + content), "It has bytes that are not printable ASCII") << content;
    EXPECT_EQ(read(form, content + "\xc3\xa9"), "It has bytes that are not printable ASCII") << content;
    EXPECT_EQ(read(form, content + "\xef\xbb\xbf"), "It has bytes that are not printable ASCII") << content;
    EXPECT_EQ(read(form, content + "\x1b[2J"), "It has bytes that are not printable ASCII") << content;
    EXPECT_EQ(read(form, content + "\t" + content), "It has a tab in it") << content;
    EXPECT_EQ(read(form, "\xff\xfe" + content), "It is UTF-16; save it as plain ASCII") << content;
  }
}

TEST(secret_file, lines_beyond_those_that_can_be_used_are_refused) {
  auto const repeated = [](const std::string& line, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += line + "\n";
    return text;
  };
  for (auto const& [form, content] : contents) {
    if (form == client_tokens || form == event_tokens || form == fleet_keys || form == admin_token || form == open_admin_token) continue;
    EXPECT_EQ(read(form, content + "\n\n" + content + "\n"), "It has 2 lines; 1 is the most");
  }
  EXPECT_EQ(read(client_tokens, hash + "\r\n\n" + other_hash), hash + "|" + other_hash);
  EXPECT_EQ(read(event_tokens, repeated(token, 17)), "It has 17 lines; 16 is the most");
  EXPECT_EQ(read(fleet_keys, repeated(key, 17)), "It has 17 lines; 16 is the most");
  EXPECT_EQ(read(admin_token, repeated("read a t", 65)), "It has 65 lines; 64 is the most");
}

TEST(secret_file, what_has_another_form_is_refused) {
  struct row {
    secret_form form;
    std::string content;
  };
  const row rows[] = {
      {account_credential, "AC9:"},
      {account_credential, ":secret"},
      {account_credential, "AC9:two words"},
      {account_credential, "AC9 :secret"},
      {account_credential, "main=AC9:secret"},
      {account_credential, "Bearer token"},
      {client_tokens, token},
      {client_tokens, hash.substr(1)},
      {client_tokens, hash + " billing"},
      {proxy_credential, "gateway"},
      {proxy_credential, ":secret"},
      {admin_token, "two words"},
      {admin_token, "t,t"},
      {admin_token, "owner alice t"},
      {admin_token, "Read alice t"},
      {admin_token, "read alice t t"},
      {admin_token, "read al:ice t"},
      {admin_token, "read " + std::string(65, 'a') + " t"},
      {open_admin_token, "read alice t"},
      {open_admin_token, "t"},
      {open_admin_token, std::string(15, 't')},
      {event_tokens, std::string(15, 't')},
      {event_tokens, token + ":x"},
      {fleet_keys, key.substr(1)},
      {fleet_keys, "g" + key.substr(1)},
      {snapshot_key, key.substr(1)},
  };
  for (auto const& [form, content] : rows) EXPECT_EQ(read(form, content), "wrong") << content;
  EXPECT_EQ(read(client_tokens, hash + "\n" + token), "It has a line 2 of another form");
  EXPECT_EQ(read(open_admin_token, std::string(16, 't')), std::string(16, 't'));
}

TEST(secret_file, says_what_would_be_right) {
  auto const why = [](secret_form form) { return parse_secret_file("!", form).why_not; };
  EXPECT_EQ(why(account_credential), "must hold SID:SECRET or a bearer token");
  EXPECT_EQ(why(client_tokens), "must hold only lines that summary-gateway --hash-token printed: sha256: and 64 digits");
  EXPECT_EQ(why(proxy_credential), "must hold USER:PASSWORD");
  EXPECT_EQ(why(open_admin_token),
            "must hold a token of 16 or more letters, digits or -._~+/, or lines ROLE NAME TOKEN; openssl rand -hex 32 makes a token");
  EXPECT_EQ(why(event_tokens), "must hold an auth token a line, of 16 or more letters and digits");
  EXPECT_EQ(why(fleet_keys), "must hold 1 to 16 lines of 64 hexadecimal digits; openssl rand -hex 32 makes one");
}

TEST(secret_file, an_admin_token_that_other_machines_can_try_is_long_and_kept_from_other_users) {
  auto const form_at = [](std::string_view address) {
    admin_settings admin;
    admin.address = address;
    return admin_token_form(admin);
  };
  for (auto const address : {"127.0.0.1:9464", "localhost:9464", "[::1]:9464", "unix:/run/admin.sock"})
    EXPECT_EQ(form_at(address), admin_token) << address;
  for (auto const address : {"0.0.0.0:9464", ":9464", "[::]:9464", "10.0.0.5:9464"})
    EXPECT_EQ(form_at(address), open_admin_token) << address;
  EXPECT_EQ(others_kept_from(admin_token), kept_from::none);
  EXPECT_EQ(others_kept_from(open_admin_token), kept_from::readers_and_writers);
  EXPECT_EQ(others_kept_from(client_tokens), kept_from::writers);
}

}  // namespace
}  // namespace gateway::secret_file_test
