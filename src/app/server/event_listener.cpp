#include "app/server/event_listener.hpp"

#include <stdexcept>

#include "core/settings/validate_events.hpp"
#include "io/files/guarded_file.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// Each may hold a delivery of the largest size.
constexpr std::uint64_t most_connections = 64;
constexpr std::uint64_t most_content = 1024 * 1024;

secret tokens_in(const std::string& path) {
  auto read = read_secret(path, secret_form::event_tokens);
  if (!read.why_not.empty()) throw std::runtime_error{"events.auth_token_file: " + read.why_not};
  return std::move(read.text);
}

}  // namespace

event_listener::event_listener(const event_settings& from, worker& at, event_effects& effects, const short_hash_key& key,
                               std::function<void(const call_event&)> noted)
    : address_(from.address),
      token_path_(from.auth_token_file),
      tokens_(tokens_in(token_path_)),
      certificate_(from.address),
      service_(*event_url::parse(from.public_url), event_signers{tokens_.reveal()}, effects, std::move(noted)),
      listener_("events", at, service_, certificate_.current(), most_connections, key) {
  auto read = certificate_watch::read(tls_of(from));
  if (!read.made) throw std::runtime_error{"events.tls: " + read.why_not};
  certificate_.take(std::move(read));
}

limit_settings event_listener::limits_from(const limit_settings& limits) {
  auto own = limits;
  own.max_content_bytes = most_content;
  return own;
}

void event_listener::found(file_content tokens) {
  if (!tokens.why_not.empty()) {
    if (std::exchange(why_not_, tokens.why_not) == tokens.why_not) return;
    ++token_failures_;
    log_entry(logbook_kind::file_refused,
              {{"setting", "events.auth_token_file"}, {"cause", tokens.why_not}, {"consequence", "the tokens read before stay in force"}});
    return;
  }
  why_not_.clear();
  if (tokens.text.same_as(tokens_.reveal())) return;
  tokens_ = std::move(tokens.text);
  service_.use(event_signers{tokens_.reveal()});
  ++token_reloads_;
  log_entry(logbook_kind::files_changed, {{"setting", "events.auth_token_file"}, {"change", "changed tokens are in force"}});
}

}  // namespace gateway
