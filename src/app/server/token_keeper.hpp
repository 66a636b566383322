// Mode inject with OAuth: gets a token for each such account from its token endpoint, and another one before it ends. One task for each
// account; all lanes take what it brings (app/state/upstream_tokens).
// Thread rule: belongs to the control worker. Time rule: a refresh has upstream.timeout.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/request/upstream_exchange.hpp"
#include "app/state/upstream_tokens.hpp"
#include "core/telemetry/token_figures.hpp"
#include "io/upstream/poster.hpp"

namespace gateway {

// Who vouches for the token endpoints, in the order of credentials.accounts; null: the account has none.
using token_trust = std::vector<std::shared_ptr<client_tls>>;
// Reads files, so it is not for an event loop. Throws std::runtime_error with a sentence that names the file.
token_trust read_token_trust(const settings& values);

class token_keeper {
public:
  // The credential for the egress proxy of an upstream.
  using proxy_credentials = std::function<const published_secret*(std::string_view upstream)>;

  // `config`: the settings in force; a reload changes them in place. An account's endpoint is reached as its upstream is.
  token_keeper(worker& at, const credential_parts& parts, const settings& config, proxy_credentials for_proxy, token_trust trust)
      : at_(at), parts_(parts), config_(config), for_proxy_(std::move(for_proxy)), trust_(std::move(trust)) {}

  // Call it once the control worker runs, and whenever other rules are in force.
  void take(const access_rules& rules);
  void take(const access_rules& rules, token_trust trust) {
    trust_ = std::move(trust);
    take(rules);
  }
  void stop();

  [[nodiscard]] std::optional<token_figures> figures(mono_time now) const;

private:
  struct account {
    account(const partition& whose, const executor& where) : owner(whose), sleeping(std::make_shared<sleeper>(where)) {}
    const partition owner;
    const std::shared_ptr<sleeper> sleeping;
    std::string name;
    std::string target;
    span timeout{};
    std::shared_ptr<poster> endpoint;
    token_result last = token_result::issued;  // as the log tells
    bool is_refused = false;                   // the endpoint's refusal of the client has been noted for the account
    bool has_ended = false;                    // it is in the settings no more
  };
  void end(account& one);
  task<void> keep(std::shared_ptr<account> one);
  task<token_answer> ask(std::shared_ptr<poster> endpoint, secret request, mono_time deadline);
  void conclude(account& one, const token_answer& answer, mono_time asked_at);
  void report(account& one, const token_answer& answer, bool has_token) const;

  worker& at_;
  const credential_parts parts_;
  const settings& config_;
  const proxy_credentials for_proxy_;
  token_trust trust_;
  std::vector<std::shared_ptr<account>> accounts_;
  std::array<std::uint64_t, token_result_count> refreshes_{};
  json_reader reader_;
};

}  // namespace gateway
