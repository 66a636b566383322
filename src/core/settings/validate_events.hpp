// The rules of the settings events.*.
// Thread rule: pure function.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/settings/settings.hpp"

namespace gateway {

// Passes the key and the text of each problem to `report`.
// `mode`: of the credentials.
void validate_events(const event_settings& s, credentials_mode mode,
                     const std::function<void(const std::string& key, std::string text)>& report);

// The certificate of the events listener; nothing: it speaks plaintext.
std::optional<tls_settings> tls_of(const event_settings& s);

}  // namespace gateway
