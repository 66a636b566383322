#include "token_issuer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>

#include "dice.hpp"

namespace simulator {

std::string token_issuer::issue(std::string_view client, sim_time now) {
  dice chance{seed_, "token " + std::to_string(++issued_)};
  char digits[40];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(chance.next()),
                static_cast<unsigned long long>(chance.next()));
  std::string token = std::string{"oauth."} + digits;
  tokens_[token] = {std::string{client}, now + terms_.lifetime};
  boost::json::object answer;
  answer["access_token"] = token;
  answer["id_token"] = nullptr;
  answer["token_type"] = "Bearer";
  if (terms_.says_lifetime) answer["expires_in"] = terms_.expires_in.value_or(terms_.lifetime.count() / 1000);
  answer["refresh_token"] = nullptr;
  return boost::json::serialize(answer);
}

std::optional<std::string> token_issuer::client_of(std::string_view token, sim_time now) const {
  const auto found = tokens_.find(token);
  if (found == tokens_.end() || now >= found->second.until) return {};
  return found->second.client;
}

}  // namespace simulator
