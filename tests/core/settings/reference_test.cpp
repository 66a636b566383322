// The reference pages of the settings match the settings table. After a change of the table, run:
// GATEWAY_WRITE_REFERENCE=1 core_tests --gtest_filter='reference.*'
#include "core/settings/reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "core/settings/load.hpp"
#include "core/settings/schema.hpp"
#include "documents.hpp"
#include "plain_text.hpp"
#include "settings/settings_words.hpp"

namespace gateway::reference_test {
namespace {

TEST(reference, the_page_is_made_from_the_table) {
  EXPECT_EQ(shipped("deploy/docs/settings.md", settings_reference()), settings_reference());
}

TEST(reference, the_manual_page_is_made_from_the_table) {
  EXPECT_EQ(shipped("deploy/man/gateway.yaml.5", settings_manual()), settings_manual());
}

TEST(reference, the_schema_is_made_from_the_table) {
  EXPECT_EQ(shipped("config/gateway.schema.json", settings_schema()), settings_schema());
}

// Printing also visits the table: every default that it prints is on both pages.
TEST(reference, no_setting_is_left_out) {
  std::istringstream lines{print_settings(settings{}, false)};
  std::vector<std::string> sections;
  for (std::string line; std::getline(lines, line);) {
    auto const indent = line.find_first_not_of(' ');
    if (line[indent] == '-') continue;  // a listener
    auto const key = line.substr(indent, line.find(':') - indent);
    auto const value = line.substr(line.find(':') + 1);
    sections.resize(indent / 2);
    sections.push_back(key);
    if (value.empty() && key != "listeners") continue;  // the name of a section
    std::string dotted;
    for (auto const& one : sections) dotted += (dotted.empty() ? "" : ".") + one;
    EXPECT_NE(settings_reference().find("| `" + dotted + "` | "), std::string::npos) << dotted;
    EXPECT_NE(settings_manual().find(".B " + dotted + "\n"), std::string::npos) << dotted;
  }
}

// The pages list a listener's members by hand: the reader must accept exactly these.
TEST(reference, a_listener_takes_what_the_pages_say) {
  auto const page = settings_reference();
  EXPECT_NE(
      page.find("{ address, mode, owner, tls: { certificate, key, client_ca, ticket_lifetime }, proxy_protocol: { from }, trusted_proxies, "
                "public_url, upstream }"),
      std::string::npos);
  EXPECT_EQ(problems_of("listeners:\n  - address: unix:/run/x.sock\n    mode: \"0660\"\n    owner: a:b\n    tls: { certificate: c, key: k, "
                        "client_ca: a, ticket_lifetime: 1h }\n    proxy_protocol: { from: [unix] }\n    trusted_proxies: [unix]\n    "
                        "public_url: https://gw.example\n"),
            "");
}

TEST(reference, no_cell_of_the_page_breaks_its_table) {
  std::istringstream lines{settings_reference()};
  for (std::string line; std::getline(lines, line);) {
    EXPECT_EQ(std::ranges::count(line, '|'), line.starts_with("|") ? 6 : 0) << line;
  }
}

TEST(reference, an_operator_reads_each_line_once) {
  std::istringstream lines{settings_reference()};
  int read = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) {
      EXPECT_EQ(line.starts_with("|") ? "" : hard_to_read(line), "") << line;
      continue;
    }
    auto const end = line.rfind(" |");
    auto const meaning = line.substr(line.rfind("| ", end - 1) + 2, end - line.rfind("| ", end - 1) - 2);
    EXPECT_EQ(hard_to_read(meaning), "") << line;
    EXPECT_TRUE(meaning.ends_with('.') && std::isupper(static_cast<unsigned char>(meaning.front())) != 0) << meaning << ": a sentence";
    EXPECT_GE(words_of(meaning).size(), 5U) << meaning << ": understood alone";
    ++read;
  }
  EXPECT_GT(read, 70);
}

}  // namespace
}  // namespace gateway::reference_test
