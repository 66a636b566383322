#include "core/settings/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "settings/settings_words.hpp"

namespace gateway::command_line_test {
namespace {

using action = command_line::action;
using words = std::vector<std::string_view>;
using testing::HasSubstr;

std::string why_not(const words& given) {
  std::string why;
  EXPECT_FALSE(parse_command_line(given, why));
  return why;
}

command_line parsed(const words& given) {
  std::string why;
  auto const made = parse_command_line(given, why);
  EXPECT_TRUE(made) << why;
  return made.value_or(command_line{});
}

TEST(command_line, each_action_has_its_word) {
  struct row {
    words given;
    action what;
  };
  for (auto const& [given, what] : std::vector<row>{{{"--config", "a"}, action::serve},
                                                    {{"-c", "a"}, action::serve},
                                                    {{"--config=a", "--take-over"}, action::take_over},
                                                    {{"--check-config", "-c", "a"}, action::check},
                                                    {{"--check-config", "--check-config", "-c", "a"}, action::check},
                                                    {{"--print-config"}, action::print},
                                                    {{"-V"}, action::version},
                                                    {{"--version"}, action::version},
                                                    {{"-h"}, action::help},
                                                    {{"-c", "a", "--help"}, action::help},
                                                    {{"--hash-token"}, action::hash_token},
                                                    {{"--probe", "unix:/a"}, action::probe},
                                                    {{"ctl", "--nonsense"}, action::ctl}}) {
    EXPECT_EQ(parsed(given).what, what) << testing::PrintToString(given);
  }
  EXPECT_EQ(parsed({"--probe=http://a/b?c=d"}).url, "http://a/b?c=d");
  EXPECT_EQ(parsed({"ctl", "-c", "a"}).ctl_words, (words{"-c", "a"}));
  EXPECT_EQ(parsed({"-c", "-"}).settings.path, "-");
}

TEST(command_line, values_that_are_set_are_kept_in_their_order) {
  auto const set = parsed({"--set", "log.level=debug", "-c", "a", "--set=snapshot.file=/x=y", "--set", "handover="}).settings.set;
  ASSERT_EQ(set.size(), 3u);
  EXPECT_EQ(set[0].key + "|" + set[0].value, "log.level|debug");
  EXPECT_EQ(set[1].key + "|" + set[1].value, "snapshot.file|/x=y");
  EXPECT_EQ(set[2].key + "|" + set[2].value, "handover|");
}

TEST(command_line, what_is_wrong_is_said) {
  EXPECT_THAT(why_not({}), HasSubstr("--config FILE is missing"));
  EXPECT_THAT(why_not({"--check-config"}), HasSubstr("--config FILE is missing"));
  EXPECT_THAT(why_not({"--config"}), HasSubstr("needs a file"));
  EXPECT_THAT(why_not({"--config="}), HasSubstr("needs a file"));
  EXPECT_THAT(why_not({"--config", "--check-config"}), HasSubstr("needs a file"));
  EXPECT_THAT(why_not({"-c", "a", "--config=b"}), HasSubstr("twice"));
  EXPECT_THAT(why_not({"-c", "a", "--set", "log.level"}), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(why_not({"-c", "a", "--set==x"}), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(why_not({"-c", "a", "--set"}), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(why_not({"-c", "a", "--take-over", "--print-config"}), HasSubstr("--take-over or --print-config, not both"));
  EXPECT_THAT(why_not({"--hash-token", "-c", "a"}), HasSubstr("--hash-token takes no settings"));
  EXPECT_THAT(why_not({"--probe", "http://a", "--set", "a=b"}), HasSubstr("--probe takes no settings"));
  EXPECT_THAT(why_not({"--probe"}), HasSubstr("needs a URL"));
  EXPECT_THAT(why_not({""}), HasSubstr("unknown argument ''"));
  EXPECT_THAT(why_not({"-c", "a", "ctl"}), HasSubstr("unknown argument 'ctl'"));
}

// --- what the values mean

std::string problems(std::string_view yaml, const std::vector<set_value>& set) { return text_of(load_settings(yaml, set).problems); }

TEST(set_values, stand_over_the_file_wherever_the_setting_is) {
  constexpr std::string_view yaml =
      "workers: 2\nlog: { level: error, sample: 7 }\nlisteners:\n  - address: 127.0.0.1:1\n  - address: 127.0.0.1:2\n";
  auto const loaded = load_settings(yaml, {{"workers", "5"},
                                           {"log.level", "warning"},
                                           {"log.level", "debug"},  // the last one counts
                                           {"events.tls.certificate", "a.pem"},
                                           {"listeners[1].address", "127.0.0.1:3"},
                                           {"listeners[0].tls.certificate", "b.pem"},
                                           {"listeners[0].tls.key", "b.key"},
                                           {"cache.serve_complete_for", "[all]"},
                                           {"cors", "{ allow_origins: ['*'] }"}});
  EXPECT_EQ(text_of(loaded.problems), "-1 events.tls.certificate: is for the events listener: events.address must be set\n")
      << "only what the values themselves cause";
  auto const& s = loaded.values;
  EXPECT_EQ(s.workers, 5u);
  EXPECT_EQ(s.log.level, log_level::debug);
  EXPECT_EQ(s.log.sample, 7u);
  EXPECT_EQ(s.listeners[1].address, "127.0.0.1:3");
  ASSERT_TRUE(s.listeners[0].tls);
  EXPECT_EQ(s.listeners[0].tls->key, "b.key");
  EXPECT_FALSE(s.cache.freshness.complete_answers[static_cast<std::size_t>(processing_state::absent)]);
  EXPECT_EQ(s.cors.allow_origins, std::vector<std::string>{"*"});
}

TEST(set_values, give_a_file_without_content_a_list_of_listeners) {
  EXPECT_EQ(load_settings("", {{"listeners", "[{ address: 127.0.0.1:9 }]"}}).values.listeners[0].address, "127.0.0.1:9");
}

TEST(set_values, have_problems_of_their_own) {
  EXPECT_EQ(problems("workers: 2\n", {{"workers", "many"}}), "-1 workers: must be a whole number from 1 to 256, not 'many'\n");
  EXPECT_EQ(problems("", {{"upstream.timeuot", "5s"}}), "-1 upstream.timeuot: is not a setting; did you mean 'upstream.timeout'?\n");
  EXPECT_EQ(problems("", {{"listeners[0].address", "127.0.0.1:1"}}),
            "-1 listeners[0].address: is not a setting, or the file has no such entry\n");
  EXPECT_EQ(problems("", {{"workers", ""}}), "-1 workers: must have one plain value\n");
  EXPECT_THAT(problems("", {{"workers", "[1"}}), HasSubstr("-1 workers: is not YAML"));
  EXPECT_THAT(problems("", {{"log.level", "${LEVEL}"}}), HasSubstr("-1 log.level: holds a variable"));
  EXPECT_THAT(problems("", {{"cache", "{ max_bites: 1MiB }"}}), HasSubstr("-1 cache.max_bites: is not a setting"));
  EXPECT_THAT(problems("", {{"a\x1b[31m", "1"}}), HasSubstr("\\u001b"));
}

}  // namespace
}  // namespace gateway::command_line_test
