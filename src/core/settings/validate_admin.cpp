#include "core/settings/validate_admin.hpp"

#include <algorithm>

#include "core/auth/certificate_names.hpp"
#include "core/auth/plain_name.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/validate.hpp"

namespace gateway {
namespace {

using reporter = std::function<void(const std::string& key, std::string text)>;

void check_user(const admin_settings& s, std::size_t i, bool is_unix, const reporter& report) {
  auto const& one = s.users[i];
  auto const key = "admin.users[" + std::to_string(i) + "].";
  if (one.name.empty()) {
    report(key + "name", "is missing");
  } else if (!is_plain_name(one.name)) {
    report(key + "name", "must be up to 64 letters, digits, '-', '.' or '_', not " + in_quotes(one.name));
  }
  if (one.certificate.empty() && one.unix_user.empty() && one.unix_group.empty())
    report(key + "certificate", "is missing; an operator needs a certificate, a unix_user or a unix_group, or a line in admin.token_file");
  if (auto const pattern = name_pattern::parse(one.certificate); !one.certificate.empty() && !pattern)
    report(key + "certificate", pattern.error());
  if (!one.certificate.empty() && s.tls.client_ca.empty())
    report(key + "certificate", "can never be shown: admin.tls.client_ca is not set");
  if (!is_unix && !one.unix_user.empty()) report(key + "unix_user", "can never be seen: admin.address is no unix socket");
  if (!is_unix && !one.unix_group.empty()) report(key + "unix_group", "can never be seen: admin.address is no unix socket");
  auto const is_earlier = [&](std::string admin_user_settings::*member) {
    auto const here = s.users.begin() + static_cast<std::ptrdiff_t>(i);
    return !(one.*member).empty() && std::any_of(s.users.begin(), here, [&](auto const& other) { return other.*member == one.*member; });
  };
  for (auto const& [name, member] :
       {std::pair{"name", &admin_user_settings::name}, std::pair{"certificate", &admin_user_settings::certificate},
        std::pair{"unix_user", &admin_user_settings::unix_user}, std::pair{"unix_group", &admin_user_settings::unix_group}}) {
    if (is_earlier(member)) report(key + name, in_quotes(one.*member) + " is that of an earlier one");
  }
}

}  // namespace

void validate_admin(const admin_settings& s, const reporter& report) {
  if (!s.metrics_address.empty() && !parse_endpoint(s.metrics_address))
    report("admin.metrics_address", std::string{endpoint_forms} + in_quotes(s.metrics_address));
  auto const where = parse_endpoint(s.address);
  bool const asks_for_names = !s.tls.client_ca.empty() && !s.users.empty();
  if (!where) {
    report("admin.address", std::string{endpoint_forms} + in_quotes(s.address));
  } else if (!where->is_loopback() && s.token_file.empty() && !asks_for_names) {  // defence: admin-open-nowhere
    report("admin.address",
           "is reachable from other machines; keep it on 127.0.0.1 or a unix socket, or set admin.token_file, or tls.client_ca and users");
  }
  auto const is_half = [](const std::string& one, const std::string& other) { return !one.empty() && other.empty(); };
  auto const& [certificate, key, client_ca, lifetime] = s.tls;
  if (is_half(certificate, key) || is_half(key, certificate) || is_half(client_ca, certificate))
    report("admin.tls", "needs both certificate and key");
  for (std::size_t i = 0; i < s.users.size(); ++i) check_user(s, i, where && where->is_unix(), report);
  if (s.audit_file.ends_with('/')) report("admin.audit_file", "must be a file, not a folder: " + in_quotes(s.audit_file));
}

std::optional<tls_settings> tls_of(const admin_settings& s) { return s.tls.certificate.empty() ? std::nullopt : std::optional{s.tls}; }

}  // namespace gateway
