#include "core/auth/certificate_names.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace gateway::certificate_names_test {
namespace {

using namespace std::literals;

constexpr name_type every_type[] = {name_type::dns, name_type::uri, name_type::email};

// The canonical spelling, "" for a wildcard, or the reason.
std::string read(name_type type, std::string_view bytes) {
  auto const names = read_names({{type, bytes}});
  if (!names) return std::string{name_of(names.error())};
  return names->empty() ? "" : names->front().text;
}

bool proves(std::string_view setting, name_type type, std::string_view bytes) {
  auto const pattern = name_pattern::parse(setting);
  EXPECT_TRUE(pattern) << setting;
  auto const names = read_names({{type, bytes}});
  return names && !names->empty() && pattern->fit(names->front()) > 0;
}

TEST(certificate_names, have_one_spelling_or_are_malformed) {
  struct row {
    name_type type;
    std::string_view bytes;
    std::string_view read;
  };
  constexpr std::string_view malformed = "certificate_malformed";
  const row rows[] = {
      {name_type::dns, "billing.internal", "billing.internal"},
      {name_type::dns, "Billing.INTERNAL", "billing.internal"},
      {name_type::dns, "a_b-c.1", "a_b-c.1"},
      {name_type::dns, "*.internal", ""},
      {name_type::dns, "", malformed},
      {name_type::dns, ".", malformed},
      {name_type::dns, "billing.internal.", malformed},
      {name_type::dns, ".internal", malformed},
      {name_type::dns, "billing..internal", malformed},
      {name_type::dns, "billing.internal\0.evil.example"sv, malformed},
      {name_type::dns, "billing.internal\0"sv, malformed},
      {name_type::dns, "\0"sv, malformed},
      {name_type::dns, "billing internal", malformed},
      {name_type::dns, "billing.internal\n", malformed},
      {name_type::dns, "b\xc3\xbclling.internal", malformed},
      {name_type::dns, "billing@internal", malformed},
      {name_type::dns, "spiffe://prod.example/ns/billing", malformed},
      {name_type::dns, "dns:billing.internal", malformed},
      {name_type::dns, "b*.internal", malformed},
      {name_type::dns, "a.*.internal", malformed},
      {name_type::dns, "*", malformed},
      {name_type::dns, "*.*.internal", malformed},
      {name_type::uri, "spiffe://prod.example/ns/billing/sa/Reader", "spiffe://prod.example/ns/billing/sa/Reader"},
      {name_type::uri, "SPIFFE://prod.example/ns", "spiffe://prod.example/ns"},
      {name_type::uri, "spiffe://prod.example", "spiffe://prod.example"},
      {name_type::uri, "spiffe://Prod.example/ns", malformed},
      {name_type::uri, "spiffe://prod.example/", malformed},
      {name_type::uri, "spiffe://prod.example/ns/", malformed},
      {name_type::uri, "spiffe://prod.example//ns", malformed},
      {name_type::uri, "spiffe://prod.example/ns/../other", malformed},
      {name_type::uri, "spiffe://prod.example/./ns", malformed},
      {name_type::uri, "spiffe://prod.example/n%73", malformed},
      {name_type::uri, "spiffe://prod.example/ns/billing%2fother", malformed},
      {name_type::uri, "spiffe://prod.example:443/ns", malformed},
      {name_type::uri, "spiffe://user@prod.example/ns", malformed},
      {name_type::uri, "spiffe://prod.example/ns?a", malformed},
      {name_type::uri, "spiffe://prod.example/ns#a", malformed},
      {name_type::uri, "spiffe://prod.example/ns/*", malformed},
      {name_type::uri, "spiffe:///ns", malformed},
      {name_type::uri, "spiffe:prod.example/ns", malformed},
      {name_type::uri, "spiffe://prod.example/ns\0"sv, malformed},
      {name_type::uri, "URN:uuid:6E8BC430", "urn:uuid:6E8BC430"},
      {name_type::uri, "https://a.example/%41?b=*", "https://a.example/%41?b=*"},
      {name_type::uri, "https://a.example/%4", malformed},
      {name_type::uri, "https://a.example/%zz", malformed},
      {name_type::uri, "https://a.example/ b", malformed},
      {name_type::uri, "https://a.example/\x7f", malformed},
      {name_type::uri, "billing.internal", malformed},
      {name_type::uri, "1a:b", malformed},
      {name_type::uri, "urn:", malformed},
      {name_type::uri, ":b", malformed},
      {name_type::uri, "", malformed},
      {name_type::email, "Billing@Example.COM", "Billing@example.com"},
      {name_type::email, "a+b.c@example.com", "a+b.c@example.com"},
      {name_type::email, "billing", malformed},
      {name_type::email, "@example.com", malformed},
      {name_type::email, "billing@", malformed},
      {name_type::email, "billing@example.com.", malformed},
      {name_type::email, "a@b@example.com", malformed},
      {name_type::email, "\"a b\"@example.com", malformed},
      {name_type::email, "billing@example.com\0.evil"sv, malformed},
      {name_type::email, "b\xc3\xbclling@example.com", malformed},
  };
  for (auto const& r : rows) EXPECT_EQ(read(r.type, r.bytes), r.read) << name_of(r.type) << ":" << r.bytes;
}

TEST(certificate_names, are_bounded_in_size_and_number) {
  auto const label = std::string(63, 'a');
  EXPECT_EQ(read(name_type::dns, label), label);
  EXPECT_EQ(read(name_type::dns, label + "a"), "certificate_malformed");
  auto const long_name = label + "." + label + "." + label + "." + std::string(61, 'a');  // 253
  EXPECT_EQ(read(name_type::dns, long_name), long_name);
  EXPECT_EQ(read(name_type::dns, long_name + "a"), "certificate_malformed");
  auto const uri = "spiffe://prod.example/" + std::string(2048 - 22, 'a');
  EXPECT_EQ(read(name_type::uri, uri), uri);
  EXPECT_EQ(read(name_type::uri, uri + "a"), "certificate_malformed");
  EXPECT_EQ(read(name_type::email, std::string(64, 'a') + "@b"), std::string(64, 'a') + "@b");
  EXPECT_EQ(read(name_type::email, std::string(65, 'a') + "@b"), "certificate_malformed");
  std::vector<raw_name> many(max_certificate_names, raw_name{name_type::dns, "a"});
  EXPECT_TRUE(read_names(many));
  many.push_back(many.front());
  EXPECT_EQ(read_names(many).error(), proof_refusal::certificate_names);
}

TEST(certificate_names, one_malformed_name_makes_all_of_them_prove_nothing) {
  for (bool const first : {true, false}) {
    std::vector<raw_name> names{{name_type::dns, "billing.internal"}, {name_type::uri, "bad name"}};
    if (first) std::swap(names[0], names[1]);
    EXPECT_EQ(read_names(names).error(), proof_refusal::certificate_malformed) << "whichever comes first";
  }
  auto const names = read_names({{name_type::dns, "*.internal"}, {name_type::dns, "billing.internal"}});
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (certificate_names{{name_type::dns, "billing.internal"}})) << "a wildcard is a name of nobody";
  EXPECT_TRUE(read_names({})->empty());
}

// X509-SVID §2: an id is the only URI.
TEST(certificate_names, a_spiffe_id_stands_alone_among_uris) {
  raw_name const id{name_type::uri, "spiffe://prod.example/a"}, other{name_type::uri, "urn:b"}, dns{name_type::dns, "a.internal"};
  EXPECT_EQ(read_names({id, other}).error(), proof_refusal::certificate_spiffe);
  EXPECT_EQ(read_names({other, id}).error(), proof_refusal::certificate_spiffe);
  EXPECT_EQ(read_names({id, id}).error(), proof_refusal::certificate_spiffe);
  EXPECT_EQ(read_names({dns, id, dns})->size(), 3U);
  EXPECT_EQ(read_names({other, other})->size(), 2U);
}

TEST(certificate_names, are_shown_with_their_type_unless_it_is_dns) {
  EXPECT_EQ((certificate_name{name_type::dns, "a.internal"}).shown(), "a.internal");
  EXPECT_EQ((certificate_name{name_type::uri, "urn:a"}).shown(), "uri:urn:a");
  EXPECT_EQ((certificate_name{name_type::email, "a@b"}).shown(), "email:a@b");
}

TEST(name_pattern, settings_are_taken_or_say_what_is_right) {
  struct row {
    std::string_view setting, text;  // "" with a reason
    std::string_view reason;
  };
  const row rows[] = {
      {"billing.internal", "dns:billing.internal", ""},
      {"Billing.Internal", "dns:billing.internal", ""},
      {"dns:billing.internal", "dns:billing.internal", ""},
      {"email:Billing@Example.com", "email:Billing@example.com", ""},
      {"uri:spiffe://prod.example/ns/billing", "uri:spiffe://prod.example/ns/billing", ""},
      {"uri:spiffe://prod.example/ns/billing/*", "uri:spiffe://prod.example/ns/billing/*", ""},
      {"uri:spiffe://prod.example/*", "uri:spiffe://prod.example/*", ""},
      {"uri:urn:a:b", "uri:urn:a:b", ""},
      {"", "", "must be a DNS name"},
      {"dns:", "", "must be a DNS name"},
      {"billing.internal.", "", "without wildcard and trailing dot"},
      {"*.internal", "", "without wildcard"},
      {"dns:*.internal", "", "without wildcard"},
      {"spiffe://prod.example/ns/billing", "", "or begin with uri: or email:"},
      {"billing@example.com", "", "or begin with uri: or email:"},
      {"DNS:billing.internal", "", "must be a DNS name"},
      {"uri:", "", "must be a URI"},
      {"uri:billing.internal", "", "must be a URI"},
      {"uri:spiffe://Prod.example/ns", "", "in lower case up to the path"},
      {"uri:spiffe://prod.example/ns/", "", "must be a URI"},
      {"uri:spiffe://*", "", "must be a URI"},
      {"uri:spiffe:///*", "", "must be a URI"},
      {"uri:spiffe://prod.example/*/billing", "", "only at its end"},
      {"uri:spiffe://prod.example/ns/bill*", "", "only at its end"},
      {"uri:spiffe://prod.example/*/*", "", "must be a URI"},
      {"uri:spiffe://prod.example/ns//*", "", "must be a URI"},
      {"uri:spiffe://*.example/ns", "", "only at its end"},
      {"uri:https://a.example/*", "", "only at its end"},
      {"uri:*", "", "only at its end"},
      {"email:billing", "", "must be an e-mail address"},
      {"email:*@example.com", "email:*@example.com", ""},  // a "*" is a letter like any other there
  };
  for (auto const& r : rows) {
    auto const made = name_pattern::parse(r.setting);
    EXPECT_EQ(made ? made->text() : "", r.text) << r.setting;
    EXPECT_TRUE(made || made.error().find(r.reason) != std::string::npos) << r.setting << ": " << made.error();
  }
  EXPECT_EQ(name_pattern().text(), "");
  for (auto const type : every_type) EXPECT_EQ(name_pattern().fit({type, ""}), 0U) << "no name is nobody's";
}

TEST(name_pattern, fits_the_same_name_of_the_same_type) {
  EXPECT_TRUE(proves("billing.internal", name_type::dns, "BILLING.internal"));
  EXPECT_FALSE(proves("billing.internal", name_type::dns, "billing.internal.evil"));
  EXPECT_FALSE(proves("billing.internal", name_type::dns, "x.billing.internal"));
  EXPECT_TRUE(proves("email:billing@example.com", name_type::email, "billing@EXAMPLE.com"));
  EXPECT_FALSE(proves("email:billing@example.com", name_type::email, "Billing@example.com"));
  EXPECT_TRUE(proves("uri:urn:a:b", name_type::uri, "URN:a:b"));
  EXPECT_FALSE(proves("uri:https://a.example/A", name_type::uri, "https://a.example/%41"));
  EXPECT_FALSE(proves("uri:urn:billing.internal", name_type::dns, "billing.internal"));
  // Even if two types ever had one spelling.
  for (auto const type : every_type) EXPECT_EQ(name_pattern::parse("a.internal")->fit({type, "a.internal"}) > 0, type == name_type::dns);
}

TEST(name_pattern, a_path_ends_at_a_segment) {
  constexpr auto below = "uri:spiffe://prod.example/ns/billing/*";
  EXPECT_TRUE(proves(below, name_type::uri, "spiffe://prod.example/ns/billing/sa/reader"));
  EXPECT_TRUE(proves(below, name_type::uri, "spiffe://prod.example/ns/billing/a"));
  for (auto const* const other : {"spiffe://prod.example/ns/billing", "spiffe://prod.example/ns/billing2/sa", "spiffe://prod.example/ns",
                                  "spiffe://prod.example.evil/ns/billing/sa", "spiffe://prod.exampl/ns/billing/sa",
                                  "spiffe://other.example/ns/billing/sa", "https://prod.example/ns/billing/sa"})
    EXPECT_FALSE(proves(below, name_type::uri, other)) << other;
  EXPECT_FALSE(proves("uri:spiffe://prod.example/*", name_type::uri, "spiffe://prod.example")) << "an id below, not the domain itself";
}

TEST(name_pattern, the_more_is_said_the_better_it_fits) {
  certificate_name const id{name_type::uri, "spiffe://prod.example/ns/billing/sa/reader"};
  std::size_t before = 0;
  for (auto const* const setting : {"uri:spiffe://prod.example/*", "uri:spiffe://prod.example/ns/*",
                                    "uri:spiffe://prod.example/ns/billing/*", "uri:spiffe://prod.example/ns/billing/sa/reader"}) {
    auto const fit = name_pattern::parse(setting)->fit(id);
    EXPECT_GT(fit, before) << setting;
    before = fit;
  }
}

// Whatever the bytes: a name proves only a setting of its own type, and only the one that spells it.
TEST(name_pattern, no_type_crosses) {
  std::mt19937 random{22};
  static constexpr std::string_view pieces[] = {"billing", "internal", ".", "@",  "spiffe://", "/",    "*",      "a", "%41", ":",
                                                "urn:",    "dns:",     "A", "..", "\0"sv,      "uri:", "email:", "-", " ",   "x.y"};
  auto const any = [&] {
    std::string made;
    for (auto left = random() % 6; left > 0; --left) made += pieces[random() % std::size(pieces)];
    return made;
  };
  int proved = 0;
  for (int i = 0; i < 100'000; ++i) {
    auto const bytes = random() % 4 == 0 ? any() : "a.internal"s;
    auto const type = every_type[random() % 3];
    auto const setting =
        random() % 2 == 0 ? any() : std::string{name_of(every_type[random() % 3])} + ":" + (random() % 2 == 0 ? any() : bytes);
    auto const pattern = name_pattern::parse(setting);
    auto const names = read_names({{type, bytes}});
    if (!pattern || !names || names->empty() || pattern->fit(names->front()) == 0) continue;
    ++proved;
    auto const text = pattern->text();
    EXPECT_TRUE(text.starts_with(std::string{name_of(type)} + ":")) << setting << " / " << bytes;
    EXPECT_EQ(bytes.find('\0'), std::string::npos);
    EXPECT_TRUE(text.ends_with('*') || text == std::string{name_of(type)} + ":" + names->front().text) << text;
    // What was read is read again as the same.
    EXPECT_EQ(*read_names({{type, names->front().text}}), *names);
    EXPECT_EQ(name_pattern::parse(text)->text(), text);
  }
  EXPECT_GT(proved, 1'000);
}

}  // namespace
}  // namespace gateway::certificate_names_test
