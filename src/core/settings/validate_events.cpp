#include "core/settings/validate_events.hpp"

#include <utility>

#include "core/events/event_url.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/validate.hpp"

namespace gateway {

void validate_events(const event_settings& s, credentials_mode mode,
                     const std::function<void(const std::string& key, std::string text)>& report) {
  if (s.prefetch && mode != credentials_mode::inject)
    report("events.prefetch", "is for credentials.mode inject: in mode forward the gateway has no credential to fetch with");
  if (!s.is_on()) {
    for (auto const& [name, value] : {std::pair{"events.public_url", s.public_url}, std::pair{"events.auth_token_file", s.auth_token_file},
                                      std::pair{"events.tls.certificate", s.tls.certificate}}) {
      if (!value.empty()) report(name, "is for the events listener: events.address must be set");
    }
    return;
  }
  if (!parse_endpoint(s.address)) report("events.address", std::string{endpoint_forms} + in_quotes(s.address));
  if (!event_url::parse(s.public_url))
    report("events.public_url",
           "must be the URL of the sink at Twilio, https://HOST[:PORT]/PATH without a query, not " + in_quotes(s.public_url));
  if (s.auth_token_file.empty()) report("events.auth_token_file", "is missing: without an auth token, no signature can be checked");
  auto const is_half = [](const std::string& one, const std::string& other) { return !one.empty() && other.empty(); };
  auto const& [certificate, key, client_ca, lifetime] = s.tls;
  if (is_half(certificate, key) || is_half(key, certificate) || is_half(client_ca, certificate))
    report("events.tls", "needs both certificate and key");
}

std::optional<tls_settings> tls_of(const event_settings& s) { return s.tls.certificate.empty() ? std::nullopt : std::optional{s.tls}; }

}  // namespace gateway
