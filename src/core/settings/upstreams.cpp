#include "core/settings/upstreams.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/settings/egress.hpp"
#include "core/settings/hints.hpp"
#include "core/settings/validate.hpp"

namespace gateway {
namespace {

using report_problem = std::function<void(const std::string& key, std::string text)>;

constexpr std::size_t longest_name = 32;

// Names appear in the log and are labels of metrics.
bool is_upstream_name(std::string_view text) {
  static constexpr char_set is_name_char{"-._", is_alnum};
  return !text.empty() && text.size() <= longest_name && is_name_char.holds_all(text);
}

std::string key_of_entry(std::size_t i) { return "upstreams[" + std::to_string(i) + "]."; }

void validate_name(const settings& s, std::size_t i, const report_problem& report) {
  auto const& name = s.upstreams[i].name;
  auto const key = key_of_entry(i) + "name";
  if (name.empty()) return report(key, "is missing; a listener names its upstream by it");
  if (!is_upstream_name(name)) return report(key, "must be up to 32 letters, digits, '-', '.' or '_', not " + in_quotes(name));
  if (name == name_of_plain) return report(key, in_quotes(name) + " is the name of the section upstream");
  auto const before = s.upstreams.begin() + static_cast<std::ptrdiff_t>(i);
  auto const has_it = [&](const upstream_settings& other) { return other.name == name; };
  // defence: upstream-names-apart
  if (std::any_of(s.upstreams.begin(), before, has_it)) report(key, in_quotes(name) + " is the name of an earlier one");
}

void validate_place(const upstream_settings& one, const std::string& prefix, const report_problem& report) {
  auto const where = parse_origin(one.url);
  if (!where) {
    report(prefix + "url",
           "must be https://HOST or https://HOST:PORT, without user, path or query");  // not repeated: it may contain a password
  } else if (!where->tls && (!one.allow_plaintext || !is_loopback_host(where->host))) {
    report(prefix + "url", "must be https; http is possible only with allow_plaintext: true and a loopback host");
  }
  validate_egress(one, prefix, report);
}

void validate_reference(const settings& s, const std::string& key, const std::string& name, const report_problem& report) {
  std::vector<std::string_view> names{name_of_plain};
  for (auto const& one : s.upstreams) names.push_back(one.name);
  if (name.empty() || std::ranges::find(names, name) != names.end()) return;  // defence: upstream-known
  report(key, in_quotes(name) + " is no upstream" + did_you_mean(nearest(name, names)));
}

const upstream_settings* find(const std::vector<upstream_settings>& all, std::string_view name) {
  auto const found = std::ranges::find(all, name, &upstream_settings::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

upstream_settings another_upstream(const upstream_settings& plain) {
  auto made = plain;
  made.url.clear();
  made.connect_to.clear();
  return made;
}

void complete_upstreams(settings& s, const std::map<std::string, int>& lines) {
  for (std::size_t i = 0; i < s.upstreams.size(); ++i) {
    auto const key = key_of_entry(i);
    // One proxy's credential is not for another proxy.
    // defence: proxy-credential-apart
    if (lines.contains(key + "proxy") && !lines.contains(key + "proxy_credential_file")) s.upstreams[i].proxy_credential_file.clear();
  }
  auto const to_plain = [](std::string& name) {
    if (name == name_of_plain) name.clear();
  };
  for (auto& one : s.listeners) to_plain(one.upstream);
  for (auto& one : s.credentials.accounts) to_plain(one.upstream);
}

std::vector<const upstream_settings*> all_upstreams(const settings& s) {
  std::vector<const upstream_settings*> all{&s.upstream};
  for (auto const& one : s.upstreams) all.push_back(&one);
  return all;
}

const upstream_settings& upstream_named(const settings& s, std::string_view name) {
  auto const* const found = name.empty() ? nullptr : find(s.upstreams, name);
  return found == nullptr ? s.upstream : *found;
}

std::string key_of_upstream(const settings& s, const upstream_settings& one) {
  return &one == &s.upstream ? "upstream." : key_of_entry(static_cast<std::size_t>(&one - s.upstreams.data()));
}

void validate_upstreams(const settings& s, const report_problem& report) {
  validate_place(s.upstream, "upstream.", report);
  for (std::size_t i = 0; i < s.upstreams.size(); ++i) {
    validate_name(s, i, report);
    if (s.upstreams[i].url.empty()) {
      report(key_of_entry(i) + "url", "is missing; where an upstream is, its own entry says");
    } else {
      validate_place(s.upstreams[i], key_of_entry(i), report);
    }
  }
  for (std::size_t i = 0; i < s.listeners.size(); ++i)
    validate_reference(s, "listeners[" + std::to_string(i) + "].upstream", s.listeners[i].upstream, report);
  auto const& accounts = s.credentials.accounts;
  for (std::size_t i = 0; i < accounts.size(); ++i)
    validate_reference(s, "credentials.accounts[" + std::to_string(i) + "].upstream", accounts[i].upstream, report);
}

std::vector<std::string> upstreams_needing_restart(const settings& now, const settings& next) {
  std::vector<std::string> why;
  constexpr std::string_view restart = " needs a restart (or a start with --take-over)";
  for (auto const& one : now.upstreams) {
    if (find(next.upstreams, one.name) == nullptr) why.push_back("upstreams: to remove " + in_quotes(one.name) + std::string{restart});
  }
  for (auto const& one : next.upstreams) {
    auto const* const before = find(now.upstreams, one.name);
    if (before == nullptr) {
      why.push_back("upstreams: to add " + in_quotes(one.name) + std::string{restart});
    } else {
      auto const key = key_of_upstream(next, one);
      auto const judge = [&](std::string_view name, const std::string& was, const std::string& is) {
        if (was != is) why.push_back(key + std::string{name} + ": a change of it" + std::string{restart});
      };
      judge("url", before->url, one.url);
      judge("connect_to", before->connect_to, one.connect_to);
      judge("proxy", before->proxy, one.proxy);
    }
  }
  return why;
}

}  // namespace gateway
