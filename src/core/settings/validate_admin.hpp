// Rules between the settings of the admin listener.
// Thread rule: pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/settings/settings.hpp"

namespace gateway {

void validate_admin(const admin_settings& s, const std::function<void(const std::string& key, std::string text)>& report);

// Nothing: the admin listener speaks plaintext.
std::optional<tls_settings> tls_of(const admin_settings& s);

}  // namespace gateway
