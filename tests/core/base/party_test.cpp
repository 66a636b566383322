// Numbers and SIP addresses in the spellings that people and Twilio use, alone and in bodies.
#include "core/base/party.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace gateway::party_test {
namespace {

std::string form_of(std::string_view text) {
  std::string_view why_not;
  auto const form = read_party(text, why_not);
  return form ? std::string{form->reveal()} : "refused: " + std::string{why_not};
}

std::set<std::string> found_in(std::string_view body) {
  std::set<std::string> all;
  find_parties(body, [&](std::string_view form) { all.emplace(form); });
  return all;
}

TEST(party, one_party_has_one_form_in_all_its_spellings) {
  struct {
    std::string_view form;
    std::vector<std::string> spellings;
  } const table[] = {
      {"+4930123456",
       {"+4930123456",
        "+49 30 123456",
        "+49-30-12-34-56",
        "+49 (30) 123456",
        "+49 (0)30 123456",
        "+49 (0) 30/123456",
        "(+49) 30 123456",
        "004930123456",
        "00 49 30 123456",
        "4930123456",
        "tel:+4930123456",
        "TEL:+49-30-123456",
        "tel:+4930123456;ext=5",
        "whatsapp:+4930123456",
        "sip:+4930123456@example.com",
        "sips:+4930123456@example.com;transport=tls",
        "sip:+49-30-123456@10.0.0.1:5060;user=phone",
        "sip:+4930123456;npdi=yes@example.com",
        "sip:%2B4930123456@example.com",
        "%2B49%2030%20123456",
        "  +4930123456\r\n",
        "+49\xc2\xa0"
        "30\xe2\x80\x91"
        "123456"}},
      {"+15550100001", {"+15550100001", "+1 (555) 010-0001", "+1.555.010.0001", "0015550100001", "1 555 010 0001"}},
      {"alice@example.com",
       {"alice@example.com", "sip:alice@example.com", "SIP:alice@EXAMPLE.com", "sips:alice@example.com.", "sip:alice:secret@example.com",
        "sip:alice@example.com:5061;transport=tcp?subject=x", "sip:%61lice@example.com"}},
      {"1001234@pbx.example", {"sip:1001234@pbx.example"}},
      {"Alice@example.com", {"sip:Alice@example.com"}},
      {"+123@example.com", {"sip:+123@example.com"}},
  };
  for (auto const& [form, spellings] : table) {
    for (auto const& one : spellings) {
      EXPECT_EQ(form_of(one), form) << one;
      EXPECT_THAT(found_in(R"({"from":{"caller":")" + one + "\"}}"), testing::Contains(std::string{form})) << one;
    }
  }
}

TEST(party, what_names_nobody_is_refused_and_not_repeated) {
  struct {
    std::string text;
    std::string_view said;
  } const table[] = {
      {"", "no phone number"},
      {" \n", "no phone number"},
      {"1", "at least 7 digits"},
      {"+49 30 1", "at least 7 digits"},
      {"123456", "at least 7 digits"},
      {"+1234567890123456", "at most 15 digits"},
      {"030 123456", "country code"},
      {"+049 30 123456", "country code"},
      {"+49 30 12345a", "no phone number"},
      {"+4930123456 +4930123457", "no phone number"},
      {"+4930123456\n+4930123457", "no phone number"},
      {"+4930123456,", "no phone number"},
      {"++4930123456", "no phone number"},
      {"alice@", "no phone number"},
      {"@example.com", "no phone number"},
      {"mailto:alice@example.com", "no phone number"},
      {"alice@example.com bob@example.com", "no phone number"},
      {"sip:alice", "no phone number"},
      {std::string(513, '1'), "no longer"},
      {std::string(200, 'a') + "@example.com", "no phone number"},
      {"+4930" + std::string(1, '\0') + "123456", "no phone number"},
      {"%", "no phone number"},
  };
  for (auto const& [text, said] : table) {
    auto const form = form_of(text);
    EXPECT_THAT(form, testing::StartsWith("refused: ")) << text;
    EXPECT_THAT(form, testing::HasSubstr(std::string{said})) << text;
    EXPECT_TRUE(text.size() <= 2 || form.find(text) == std::string::npos) << form;
  }
}

TEST(party, is_found_wherever_it_stands_in_a_body) {
  for (std::string const body : {
           R"({"from":{"caller":"+4930123456"}})",
           R"({"from": {"caller" : "\u002b4930123456"}})",
           R"({"to":{"callee":"\u002B49\u00a030\/123456"}})",
           R"({"to":{"callee":4930123456}})",
           R"({"sip_edge":{"uri":"sip:+4930123456@example.com;user=phone"}})",
           R"({"sip_edge":{"header":"\"A B\" <sip:+4930123456@example.com>;tag=7"}})",
           R"({"sip_edge":{"uri":"sip:%2B4930123456@example.com"}})",
           R"({"sip_edge":{"uri":"sip:\u00252b49\u00252030123456@example.com"}})",
           R"({"annotation":{"comment":"called +49 (0)30 123456, twice"}})",
           R"({"annotation":{"comment":"12 +4930123456 34"}})",
           R"({"annotation":{"comment":"4930123456 4930123457"}})",
           R"({"annotation":{"comment":"7 4930123456"}})",
           R"({"annotation":{"comment":"line\n004930123456\nline"}})",
           R"({"annotation":{"comment":"49 30 12 34 56 78"}})",
           R"([["+49","30"],"tel:+49-30-123456"])",
           R"(no JSON at all: +49/30/123456)",
           "+4930123456",
       }) {
    EXPECT_THAT(found_in(body), testing::Contains("+4930123456")) << body;
  }
  EXPECT_THAT(found_in(R"({"header":"\"A\" <sips:alice@EXAMPLE.com:5061>;tag=1, <sip:bob@example.com>"})"),
              testing::IsSupersetOf({"alice@example.com", "bob@example.com"}));
  EXPECT_THAT(found_in(R"({"u":"user=sip:alice\u0040example.com"})"), testing::Contains("alice@example.com"));
  EXPECT_THAT(found_in("mailto:alice@example.com"), testing::Contains("alice@example.com"));
}

TEST(party, another_one_is_not_found) {
  for (std::string const body : {
           R"({"from":{"caller":"+4930123457"}})",
           R"({"from":{"caller":"+49301234567"}})",
           R"({"from":{"caller":"+14930123456"}})",
           R"({"from":{"caller":"+493012345","next":"6"}})",
           R"({"from":{"number_prefix":"4930"},"to":{"number_prefix":"123456"}})",
           R"({"from":{"caller":"+4930+123456"}})",
           R"({"from":{"caller":"030 123456"}})",
           R"(["4930",123456])",
           "",
       }) {
    EXPECT_THAT(found_in(body), testing::Not(testing::Contains("+4930123456"))) << body;
  }
  EXPECT_THAT(found_in(R"({"uri":"sip:alice@example.com.evil.test"})"), testing::Not(testing::Contains("alice@example.com")));
  EXPECT_THAT(found_in(R"({"uri":"sip:malice@example.com"})"), testing::Not(testing::Contains("alice@example.com")));
}

// A number in any spelling, in any surroundings.
TEST(party, whatever_is_read_is_found_in_random_bodies) {
  std::mt19937 random{22};
  auto const one_of = [&](const auto& all) -> const auto& { return all[random() % std::size(all)]; };
  static const std::vector<std::string> gaps{"", "", "", " ", "-", ".", "/", " (", "\xc2\xa0", "%20", "\\u0020", "\\/"};
  static const std::vector<std::string> words{"",           "call ",       "1 ", "12-",   "\\\"", "\\n",  "<", "tel:", "sip:",  "x",
                                              "CA12345678", "2026-11-30 ", "%2", "\\u00", "(0)",  "\xff", "+", "@",    "a@b.c "};
  for (int i = 0; i < 20'000; ++i) {
    std::string digits(least_party_digits + random() % (most_party_digits - least_party_digits + 1), '0');
    for (auto& one : digits) one = static_cast<char>('0' + random() % 10);
    digits.front() = static_cast<char>('1' + random() % 9);
    static const std::vector<std::string> starts{"+", "00", "", "\\u002b", "%2B", "%2b"};
    auto spelling = one_of(starts);
    for (char const c : digits) {
      if (&c != digits.data()) spelling += one_of(gaps);
      spelling += c;
    }
    // A digit beside it would be a part of it.
    auto const before = one_of(words);
    bool const joins = !before.empty() && (before.back() >= '0' && before.back() <= '9');
    auto const body = R"({"from":{"caller":")" + before + (joins ? ";" : "") + spelling + "\"}," + one_of(words);
    EXPECT_THAT(found_in(body), testing::Contains("+" + digits)) << body;
    EXPECT_TRUE(spelling.find('\\') != std::string::npos || form_of(spelling) == "+" + digits) << spelling;
    if (HasFailure()) return;
  }
}

// Whatever a body holds, each party that is found has the form of one.
TEST(party, what_is_found_in_noise_has_the_form_of_a_party) {
  std::mt19937 random{23};
  static constexpr std::string_view alphabet = "0123456789+-() ./@:;<>\"\\u%2BabZ\xc2\xa0\xff{}[],=\n";
  for (int i = 0; i < 20'000; ++i) {
    std::string body(random() % 80, '\0');
    for (auto& c : body) c = alphabet[random() % alphabet.size()];
    find_parties(body, [&](std::string_view form) {
      if (form.find('@') != std::string_view::npos) {
        EXPECT_THAT(std::string{form}, testing::Not(testing::HasSubstr(" "))) << body;
        return;
      }
      EXPECT_EQ(form_of(form), form) << body;
    });
  }
}

TEST(party, the_hash_tells_parties_apart_and_depends_on_the_key) {
  fingerprint_key const key{std::byte{1}};
  EXPECT_EQ(party_hash(key, "+4930123456"), party_hash(key, "+4930123456"));
  EXPECT_NE(party_hash(key, "+4930123456"), party_hash(key, "+4930123457"));
  EXPECT_NE(party_hash(key, "+4930123456"), party_hash(fingerprint_key{std::byte{2}}, "+4930123456"));
}

}  // namespace
}  // namespace gateway::party_test
