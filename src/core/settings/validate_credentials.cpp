#include "core/settings/validate_credentials.hpp"

#include <algorithm>

#include "core/auth/certificate_names.hpp"
#include "core/auth/plain_name.hpp"
#include "core/base/text.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/hints.hpp"
#include "core/settings/token_url.hpp"
#include "core/settings/upstreams.hpp"

namespace gateway {
namespace {

bool is_client_id(std::string_view text) {
  static constexpr std::size_t longest = 128;
  static constexpr char_set is_client_char{"-._", is_alnum};
  return !text.empty() && text.size() <= longest && is_client_char.holds_all(text);
}

// What iss, aud or sub of a JWT can be.
bool is_claim(std::string_view text) {
  static constexpr std::size_t longest = 255;
  return text.size() <= longest && std::ranges::none_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
}

class checker {
public:
  checker(const settings& s, const std::map<std::string, int>& lines, std::vector<problem>& problems)
      : all_(s), mine_(s.credentials), lines_(lines), problems_(problems) {}

  void check_forward() {
    constexpr std::string_view for_inject = "is for mode: inject; in mode forward each client sends a credential of its own";
    if (!mine_.accounts.empty()) report("accounts", std::string{for_inject});
    if (!mine_.clients.empty()) report("clients", std::string{for_inject});
    if (mine_.jwt.is_on()) report("jwt", std::string{for_inject});
    if (!mine_.allow_unauthenticated.empty()) report("allow_unauthenticated", std::string{for_inject});
  }

  void check_inject() {
    if (mine_.sharing == sharing_mode::grants) {
      report("sharing", "is for mode: forward; in mode inject the clients of one account share its copies anyway");
    }
    if (mine_.accounts.empty()) report("mode", "inject needs an account: accounts: [{ name: main, credential_file: FILE }]");
    if (mine_.clients.empty() && mine_.allow_unauthenticated.empty()) {
      report("mode", "inject needs clients or allow_unauthenticated, else every request would get 401");
    }
    for (std::size_t i = 0; i < mine_.accounts.size(); ++i) check_account(i);
    for (std::size_t i = 0; i < mine_.clients.size(); ++i) check_client(i);
    if (mine_.jwt.is_on()) check_jwt();
    check_guests();
  }

private:
  void check_account(std::size_t i) {
    auto const& one = mine_.accounts[i];
    auto const key = "accounts[" + std::to_string(i) + "].";
    check_name(mine_.accounts, i, key);
    if (one.credential_file.empty() && !one.oauth.is_on())
      report(key + "credential_file", "is missing; it holds SID:SECRET or a bearer token. Or the account has oauth");
    if (!one.credential_file.empty() && one.oauth.is_on())
      report(key + "oauth", "and credential_file are both given; an account has one of them");
    if (one.oauth.is_on()) check_oauth(one.oauth, upstream_named(all_, one.upstream), key + "oauth.");
  }

  void check_oauth(const oauth_settings& one, const upstream_settings& way, const std::string& key) {
    if (!is_client_id(one.client_id)) {
      report(key + "client_id", one.client_id.empty()
                                    ? "is missing; it is the sid of an OAuth app at Twilio, OQ…"
                                    : "must be up to 128 letters, digits, '-', '.' or '_', not " + in_quotes(one.client_id));
    }
    if (one.client_secret_file.empty()) report(key + "client_secret_file", "is missing; it holds the client's secret");
    auto const where = token_url::parse(one.token_url);
    if (!where) {
      report(key + "token_url", one.token_url.empty() ? std::string{"is missing; Twilio's is https://oauth.twilio.com/v2/token"}
                                                      : "must be https://HOST[:PORT]/PATH, without user, query or fragment");
    } else if (!where->host.tls && (!way.allow_plaintext || !is_loopback_host(where->host.host))) {  // defence: token-url-tls
      report(key + "token_url", "must be https; http is possible only with upstream.allow_plaintext: true and a loopback host");
    } else if (!where->host.tls && !way.proxy.empty()) {
      report(key + "token_url", "must be https: through upstream.proxy, plain http would be readable");
    }
  }

  void check_client(std::size_t i) {
    auto const& one = mine_.clients[i];
    auto const key = "clients[" + std::to_string(i) + "].";
    check_name(mine_.clients, i, key);
    check_reference(key + "account", one.account);
    if (one.token_file.empty() && one.certificate.empty() && one.unix_user.empty() && one.subject.empty()) {
      report(key + "token_file", "is missing; a client needs a token_file, a certificate, a unix_user or a subject to prove itself by");
    }
    check_certificate(i, key + "certificate");
    check_subject(i, key + "subject");
    auto const has_client_ca = [](const listener_settings& l) { return l.tls && !l.tls->client_ca.empty(); };
    if (!one.certificate.empty() && std::ranges::none_of(all_.listeners, has_client_ca)) {
      report(key + "certificate", "can never be shown: no listener has tls.client_ca");
    }
    auto const is_unix = [](const listener_settings& l) { return l.address.starts_with("unix:"); };
    if (!one.unix_user.empty() && std::ranges::none_of(all_.listeners, is_unix)) {
      report(key + "unix_user", "can never be seen: no listener is a unix socket");
    }
    check_rights(one, key);
    check_quota(one.quota, key + "quota");
    check_alone(i, &client_settings::unix_user, key + "unix_user");
  }

  void check_certificate(std::size_t i, const std::string& key) {
    auto const& text = mine_.clients[i].certificate;
    if (text.empty()) return;
    auto const name = name_pattern::parse(text);
    if (!name) return report(key, name.error() + ", not " + in_quotes(text));
    // In two spellings it is still one name.
    auto const is_same = [&](const client_settings& one) {
      auto const other = name_pattern::parse(one.certificate);
      return other && other->text() == name->text();
    };
    check_first(i, is_same, name->text(), key);
  }

  void check_subject(std::size_t i, const std::string& key) {
    auto const& text = mine_.clients[i].subject;
    if (text.empty()) return;
    if (!mine_.jwt.is_on()) report(key, "can never be shown: credentials.jwt says no issuer");
    if (!is_claim(text)) report(key, "must be up to 255 printable characters, not " + in_quotes(text));
    check_alone(i, &client_settings::subject, key);
  }

  void check_jwt() {
    for (auto const& [key, value] : {std::pair{"jwt.issuer", &mine_.jwt.issuer}, std::pair{"jwt.audience", &mine_.jwt.audience}}) {
      if (value->empty()) {
        report(key, "is missing; credentials.jwt needs an issuer, an audience and a jwks_file");
      } else if (!is_claim(*value)) {
        report(key, "must be up to 255 printable characters, not " + in_quotes(*value));
      }
    }
    if (mine_.jwt.jwks_file.empty()) report("jwt.jwks_file", "is missing; it holds the issuer's public keys");
    auto const has_subject = [](const client_settings& one) { return !one.subject.empty(); };
    if (std::ranges::none_of(mine_.clients, has_subject)) report("jwt", "proves nobody: no client has a subject");
  }

  // An empty list could mean nothing or everything.
  void check_rights(const client_settings& one, const std::string& key) {
    auto const has_any = [](auto const& set) { return std::ranges::find(set, true) != set.end(); };
    if (!has_any(one.may)) report(key + "may", "lists no right; leave it out for a client that reads all, or remove the client");
    if (!has_any(one.methods)) report(key + "methods", "lists no method; leave it out for a client that may use all");
    bool const is_given = lines_.contains("credentials." + key + "subaccounts");
    if (is_given && one.subaccounts.empty())  // defence: empty-subaccounts
      report(key + "subaccounts", "lists no account; leave it out for a client that sees all that its account sees");
    for (auto const& sid : one.subaccounts) {
      if (!account_sid::parse(sid))
        report(key + "subaccounts", "must list account sids, AC and 32 hexadecimal digits, not " + in_quotes(sid));
    }
  }

  // One without the other would bound nothing.
  void check_quota(const quota_rule& quota, const std::string& key) {
    if (quota == quota_rule{} && !lines_.contains("credentials." + key)) return;
    if (quota.calls == 0) report(key + ".upstream_calls", "is missing; it is the number of requests to Twilio in each window");
    if (quota.per == quota.per.zero()) report(key + ".per", "is missing; it is the length of the window, such as 1h");
    if (quota.per % std::chrono::seconds{1} != quota.per.zero()) report(key + ".per", "must be whole seconds");
  }

  void check_guests() {
    if (mine_.allow_unauthenticated.empty()) return;
    check_reference("allow_unauthenticated", mine_.allow_unauthenticated);
    for (auto const& one : all_.listeners) {
      auto const where = parse_endpoint(one.address);
      if (!where || where->is_loopback()) continue;
      report("allow_unauthenticated",
             "would let other machines in through " + in_quotes(one.address) + "; keep all listeners on loopback or unix sockets");
    }
  }

  template <class Row>
  void check_name(const std::vector<Row>& rows, std::size_t i, const std::string& key) {
    auto const& name = rows[i].name;
    if (name.empty()) return report(key + "name", "is missing");
    if (!is_plain_name(name)) return report(key + "name", "must be up to 64 letters, digits, '-', '.' or '_', not " + in_quotes(name));
    auto const before = rows.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(rows.begin(), before, [&](const Row& other) { return other.name == name; })) {
      report(key + "name", in_quotes(name) + " is the name of an earlier one");
    }
  }

  // A proof that two clients share would identify neither.
  void check_alone(std::size_t i, std::string client_settings::*proof, const std::string& key) {
    auto const& mine = mine_.clients[i].*proof;
    if (mine.empty()) return;
    check_first(
        i, [&](const client_settings& one) { return one.*proof == mine; }, mine, key);
  }
  template <class Same>
  void check_first(std::size_t i, const Same& is_same, const std::string& mine, const std::string& key) {
    auto const end = mine_.clients.begin() + static_cast<std::ptrdiff_t>(i);
    auto const other = std::find_if(mine_.clients.begin(), end, is_same);
    if (other != end) report(key, in_quotes(mine) + " already belongs to client " + in_quotes(other->name));
  }

  void check_reference(const std::string& key, const std::string& name) {
    std::vector<std::string_view> names;
    for (auto const& one : mine_.accounts) names.push_back(one.name);
    if (std::ranges::find(names, name) != names.end()) return;
    if (name.empty()) return report(key, "is missing; it is the name of one of the accounts");
    auto const near = nearest(name, names);
    report(key, in_quotes(name) + " is no account" + did_you_mean(near));
  }

  // Reports at the key's own line; for a missing key, at the line of the section that should contain it.
  void report(const std::string& key, std::string text) {
    auto const whole = "credentials." + key;
    for (auto part = whole;; part.resize(part.rfind('.'))) {
      auto const at = lines_.find(part);
      if (at != lines_.end() || part.find('.') == std::string::npos) {
        problems_.push_back({at == lines_.end() ? 0 : at->second, whole, std::move(text)});
        return;
      }
    }
  }

  const settings& all_;
  const credential_settings& mine_;
  const std::map<std::string, int>& lines_;
  std::vector<problem>& problems_;
};

}  // namespace

void validate_credentials(const settings& s, const std::map<std::string, int>& lines, std::vector<problem>& problems) {
  checker one{s, lines, problems};
  if (s.credentials.mode == credentials_mode::inject) {
    one.check_inject();
  } else {
    one.check_forward();
  }
}

}  // namespace gateway
