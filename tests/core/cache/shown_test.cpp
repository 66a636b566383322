// Which answers a client with subaccounts is shown.
#include "core/cache/shown.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::shown_test {
namespace {

account_sid sid(char digit) { return *account_sid::parse("AC" + std::string(32, digit)); }

TEST(shown, an_answer_is_judged_by_the_account_that_its_body_names) {
  constexpr client_method_set every_method{true, true, true};
  client_rights const some{reading_rights(), every_method, {sid('1')}};
  struct row {
    int status;
    std::optional<account_sid> account;
    const client_rights* of;
    std::optional<fault> expected;
  };
  const row rows[] = {
      {200, sid('1'), &some, std::nullopt},
      {200, sid('2'), &some, fault::other_account},
      {200, std::nullopt, &some, fault::account_unknown},
      {404, std::nullopt, &some, std::nullopt},  // not ready: it names no account, and holds nothing of a call
      {200, sid('2'), client_rights::usual().get(), std::nullopt},
      {200, std::nullopt, client_rights::usual().get(), std::nullopt},
      {200, sid('2'), nullptr, std::nullopt},
  };
  for (auto const& one : rows) {
    entry answer;
    answer.status = static_cast<std::uint16_t>(one.status);
    answer.account = one.account;
    EXPECT_EQ(refusal_of(answer, one.of), one.expected) << one.status << (one.account ? one.account->view() : "");
  }
}

}  // namespace
}  // namespace gateway::shown_test
