#pragma once
// The bearer tokens that the token endpoint has issued to OAuth clients: whose they are, and when they end.
// Thread rule: guarded by its owner's lock. Time rule: the simulated time is an argument.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "clock.hpp"

namespace simulator {

class token_issuer {
public:
  // Of tokens that are issued from now on.
  struct terms {
    std::chrono::milliseconds lifetime{3'600'000};
    std::optional<std::int64_t> expires_in;  // what the answer says; nullopt: the lifetime
    bool says_lifetime = true;               // false: the answer has no expires_in
  };

  explicit token_issuer(std::uint64_t seed) : seed_(seed) {}

  void set_terms(const terms& next) { terms_ = next; }
  // Every token that was issued so far is refused from now on.
  void end_all() { tokens_.clear(); }
  // The JSON answer with a new token for this client.
  std::string issue(std::string_view client, sim_time now);
  // The client that has this token; nullopt: it is none, or it has ended.
  std::optional<std::string> client_of(std::string_view token, sim_time now) const;
  std::uint64_t issued() const { return issued_; }

private:
  struct issued_token {
    std::string client;
    sim_time until;
  };
  std::uint64_t seed_;
  terms terms_;
  std::uint64_t issued_ = 0;
  std::map<std::string, issued_token, std::less<>> tokens_;
};

}  // namespace simulator
