// What each answer means for the credential of its request.
#include "core/upstream/credential_evidence.hpp"

#include <gtest/gtest.h>

#include "upstream/answers.hpp"

namespace gateway::credential_evidence_test {
namespace {

TEST(credential_evidence, of_every_answer) {
  struct row {
    int status;
    int code;  // 0: none
    credential_evidence expected;
  };
  static constexpr row rows[] = {
      {401, 20003, credential_evidence::refused},
      {401, 70051, credential_evidence::refused},
      {403, 20403, credential_evidence::refused},
      {403, 20003, credential_evidence::refused},
      {400, 20003, credential_evidence::refused},
      {404, 70051, credential_evidence::refused},
      {401, 0, credential_evidence::refused},
      {403, 0, credential_evidence::refused},
      {403, 12345, credential_evidence::refused},
      {403, 17000, credential_evidence::call_refused},
      {404, 17000, credential_evidence::call_refused},
      {401, 17000, credential_evidence::call_refused},
      {404, 17001, credential_evidence::accepted},
      {403, 17001, credential_evidence::accepted},
      {404, 17002, credential_evidence::accepted},
      {400, 17002, credential_evidence::accepted},
      {403, 17007, credential_evidence::accepted},
      {404, 20404, credential_evidence::accepted},
      // Any client can get these, or they come from a server other than Twilio's.
      {429, 20429, credential_evidence::unchanged},
      {429, 0, credential_evidence::unchanged},
      {429, 20404, credential_evidence::unchanged},
      {429, 17000, credential_evidence::unchanged},
      {404, 20429, credential_evidence::unchanged},
      {400, 17400, credential_evidence::unchanged},
      {400, 20001, credential_evidence::unchanged},
      {404, 0, credential_evidence::unchanged},
      {404, 12345, credential_evidence::unchanged},
      {500, 17008, credential_evidence::unchanged},
      {503, 20003, credential_evidence::unchanged},
      {500, 17000, credential_evidence::unchanged},
      {500, 20404, credential_evidence::unchanged},
      {302, 0, credential_evidence::unchanged},
      {204, 0, credential_evidence::unchanged},
  };
  body_reader reader;
  for (auto const& r : rows) {
    auto const answer = made_answer(r.status, r.code == 0 ? "{}" : error_body(r.code));
    EXPECT_EQ(evidence_of(r.status, judge_answer(answer, asked(), reader)), r.expected) << r.status << "/" << r.code;
  }
}

TEST(credential_evidence, is_proved_by_a_summary_and_by_nothing_else_with_200) {
  body_reader reader;
  auto const of = [&](const std::string& body) { return evidence_of(200, judge_answer(made_answer(200, body), asked(), reader)); };
  EXPECT_EQ(of(summary_body(R"(,"processing_state":"complete")")), credential_evidence::proven);
  EXPECT_EQ(of(summary_body(R"(,"processing_state":"partial")")), credential_evidence::proven);
  EXPECT_EQ(of(R"({"call_sid":"CA0000000000000000000000000000000b"})"), credential_evidence::unchanged);
  EXPECT_EQ(of("{}"), credential_evidence::unchanged);
  EXPECT_EQ(of(""), credential_evidence::unchanged);
}

TEST(credential_evidence, proves_a_credential_by_what_only_an_authenticated_one_gets) {
  for (auto const good : {credential_evidence::accepted, credential_evidence::proven, credential_evidence::call_refused})
    EXPECT_TRUE(proves(good));
  for (auto const bad : {credential_evidence::unchanged, credential_evidence::refused}) EXPECT_FALSE(proves(bad));
}

// A grant is for the account that a body names exactly once, well-formed, at the top level.
TEST(credential_evidence, the_account_is_what_the_body_says_once) {
  static constexpr std::string_view first = R"(,"account_sid":"AC00000000000000000000000000000001")";
  static constexpr std::string_view second = R"(,"account_sid":"AC00000000000000000000000000000002")";
  body_reader reader;
  auto const account = [&](std::string more) {
    auto const meaning = judge_answer(made_answer(200, summary_body(more + R"(,"processing_state":"complete")")), asked(), reader);
    return meaning.account ? std::string{meaning.account->view()} : std::string{name_of(meaning.is)};
  };
  EXPECT_EQ(account(std::string{first}), "AC00000000000000000000000000000001");
  EXPECT_EQ(account(std::string{first}.append(second)), "partial") << "twice: nothing is believed, nothing kept";
  EXPECT_EQ(account(""), "found");
  EXPECT_EQ(account(R"(,"account_sid":null)"), "found");
  EXPECT_EQ(account(R"(,"account_sid":"AC1")"), "partial") << "no account's name: delivered, not kept";
  EXPECT_EQ(account(R"(,"properties":{"account_sid":"AC00000000000000000000000000000001"})"), "found");
}

// Mode inject: a refusal of our own credential, as a whole or for a kind of resource.
TEST(credential_evidence, what_is_refused_to_our_own_credential) {
  struct row {
    int status;
    int code;  // 0: none
    std::string_view of_a_summary, of_another;
  };
  static constexpr row rows[] = {
      {401, 20003, "all", "all"},
      {403, 20003, "all", "all"},
      {400, 20003, "all", "all"},
      {403, 20403, "all", "all"},
      {401, 0, "all", "all"},
      {401, 12345, "all", "all"},
      {401, 70051, "kind", "kind"},
      {403, 70051, "kind", "kind"},
      {404, 70051, "kind", "kind"},
      {403, 0, "kind", ""},
      {403, 12345, "kind", ""},
      {403, 17000, "", ""},
      {401, 17000, "", ""},
      {403, 17007, "", ""},
      {404, 17001, "", ""},
      {404, 20404, "", ""},
      {404, 0, "", ""},
      {429, 20429, "", ""},
      {429, 20003, "all", "all"},
      {400, 20001, "", ""},
      {503, 20003, "", ""},
      {500, 0, "", ""},
      {302, 0, "", ""},
  };
  body_reader reader;
  auto const word = [](const std::optional<refusal_scope>& scope) { return !scope ? "" : *scope == refusal_scope::all ? "all" : "kind"; };
  for (auto const& r : rows) {
    auto const answer = made_answer(r.status, r.code == 0 ? "{}" : error_body(r.code));
    auto const of_a_summary = judge_answer(answer, asked(), reader);
    EXPECT_EQ(word(refusal_of(r.status, of_a_summary, resource::summary)), r.of_a_summary) << r.status << "/" << r.code;
    EXPECT_EQ(word(refusal_of(r.status, judge_passthrough(answer, asked(), reader), resource::events)), r.of_another)
        << r.status << "/" << r.code;
    bool const is_refused = evidence_of(r.status, of_a_summary) == credential_evidence::refused;
    EXPECT_TRUE(!is_refused || !r.of_a_summary.empty()) << r.status << "/" << r.code << ": nothing refused is relayed";
  }
  auto const good = made_answer(200, summary_body(R"(,"processing_state":"complete")"));
  EXPECT_EQ(word(refusal_of(200, judge_answer(good, asked(), reader), resource::summary)), "");
}

TEST(credential_evidence, beside_summaries_only_a_credential_that_is_nobodys_loses_all) {
  struct row {
    int status;
    int code;
    credential_evidence expected;
  };
  static constexpr row rows[] = {
      {401, 20003, credential_evidence::refused},   {403, 20403, credential_evidence::refused},
      {401, 70051, credential_evidence::unchanged}, {403, 0, credential_evidence::unchanged},
      {401, 0, credential_evidence::unchanged},     {403, 17000, credential_evidence::accepted},
      {404, 20404, credential_evidence::accepted},  {404, 17001, credential_evidence::accepted},
      {400, 17002, credential_evidence::accepted},  {403, 17007, credential_evidence::accepted},
      {404, 0, credential_evidence::unchanged},     {429, 20429, credential_evidence::unchanged},
      {429, 20404, credential_evidence::unchanged}, {400, 20001, credential_evidence::unchanged},
      {503, 17009, credential_evidence::unchanged}, {503, 20003, credential_evidence::unchanged},
      {302, 0, credential_evidence::unchanged},
  };
  body_reader reader;
  for (auto const& r : rows) {
    auto const answer = made_answer(r.status, r.code == 0 ? "{}" : error_body(r.code));
    EXPECT_EQ(passthrough_evidence(judge_passthrough(answer, asked(), reader)), r.expected) << r.status << "/" << r.code;
  }
  for (int const status : {200, 201})
    EXPECT_EQ(passthrough_evidence(judge_passthrough(made_answer(status, summary_body("")), asked(), reader)),
              credential_evidence::accepted);
  EXPECT_EQ(passthrough_evidence(judge_passthrough(made_answer(200, "<html>"), asked(), reader)), credential_evidence::unchanged)
      << "not from Twilio";
}

}  // namespace
}  // namespace gateway::credential_evidence_test
