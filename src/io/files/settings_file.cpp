#include "io/files/settings_file.hpp"

#include <sodium.h>

#include <algorithm>
#include <filesystem>

#include "core/base/text.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/upstreams.hpp"
#include "core/settings/validate_admin.hpp"
#include "core/settings/validate_events.hpp"
#include "io/files/access_files.hpp"
#include "io/files/admin_files.hpp"
#include "io/files/fleet_files.hpp"
#include "io/files/guarded_file.hpp"
#include "io/files/proxy_credential.hpp"
#include "io/files/snapshot_seal.hpp"
#include "io/machine.hpp"
#include "io/net/server_tls.hpp"
#include "io/runtime/clock.hpp"
#include "io/upstream/client_tls.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_settings = 1024 * 1024;

void resolve(std::string& path, const std::filesystem::path& folder) {
  if (!path.empty()) path = (folder / path).lexically_normal().string();  // an absolute path stays as it is
}

// Finds problems in the files that the settings name. Each must be usable before a socket opens. A key has one problem at most.
class file_checker {
public:
  explicit file_checker(loaded& result) : result_(result), values_(result.values) {}

  void check() {
    for (std::size_t i = 0; i < values_.listeners.size(); ++i)
      if (values_.listeners[i].tls) check_certificate(*values_.listeners[i].tls, "listeners[" + std::to_string(i) + "].tls");
    check_authorities(values_.upstream.url, values_.upstream.ca_file, "upstream.ca_file");
    for (auto const& one : values_.upstreams) {
      if (one.ca_file != values_.upstream.ca_file) check_authorities(one.url, one.ca_file, key_of_upstream(values_, one) + "ca_file");
    }
    if (values_.fleet.url.starts_with("rediss:") || values_.fleet.sentinel.tls)
      check_authorities("https://engine", values_.fleet.ca_file, "fleet.ca_file");
    check_authorities(values_.tracing.otlp_url, values_.tracing.ca_file, "tracing.ca_file");
    for (std::size_t i = 0; i < values_.credentials.accounts.size(); ++i) {
      auto const& one = values_.credentials.accounts[i].oauth;
      if (!one.ca_file.empty())
        check_authorities("https://token", one.ca_file, "credentials.accounts[" + std::to_string(i) + "].oauth.ca_file");
    }
    check_folder(values_.snapshot.file, "snapshot.file");
    check_folder(values_.log.access_file, "log.access_file");
    std::string why_not;
    if (!values_.snapshot.key_file.empty() && !read_seal_key(values_.snapshot.key_file, why_not)) report("snapshot.key_file", why_not);
    report("upstream.proxy_credential_file", read_proxy_credential(values_.upstream.proxy_credential_file).why_not);
    for (auto const& one : values_.upstreams) {
      if (one.proxy_credential_file != values_.upstream.proxy_credential_file)
        report(key_of_upstream(values_, one) + "proxy_credential_file", read_proxy_credential(one.proxy_credential_file).why_not);
    }
    check_fleet_files(values_, [this](const std::string& key, std::string text) { report(key, std::move(text)); });
    if (values_.events.is_on()) {
      report("events.auth_token_file", read_secret(values_.events.auth_token_file, secret_form::event_tokens).why_not);
      if (auto const tls = tls_of(values_.events)) check_certificate(*tls, "events.tls");
    }
    for (auto const& one : read_access(values_.credentials, fingerprint_key{}).problems) report(one.key, one.text);
    report("admin.token_file", read_admin_tokens(values_.admin).why_not);
    find_admin_users(values_.admin, [this](const std::string& key, std::string text) { report(key, std::move(text)); });
    if (auto const tls = tls_of(values_.admin)) check_certificate(*tls, "admin.tls");
    check_folder(values_.admin.audit_file, "admin.audit_file");
  }

private:
  void check_certificate(const tls_settings& files, const std::string& key) {
    std::string why_not;
    auto const made = make_listener_tls(files, why_not);
    if (!made) return report(key, why_not);
    if (auto const remark = remark_on(made->life, now().wall); !remark.empty())
      result_.remarks.push_back({result_.lines[key], key, "warning: " + remark});
  }

  void check_authorities(const std::string& url, const std::string& file, const std::string& key) {
    auto const server = parse_origin(url);
    if (!server) return;
    try {
      client_tls trial{*server, file};
    } catch (const std::exception& error) {
      report(key, error.what());
    }
  }

  void check_folder(const std::string& file, const std::string& key) {
    if (file.empty()) return;
    auto const folder = std::filesystem::path{file}.parent_path();
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) report(key, "needs the folder " + shown(folder.string()) + ", which is not there");
  }

  void report(const std::string& key, std::string text) {
    auto const is_known = [&](const problem& one) { return one.key == key; };
    if (text.empty() || std::ranges::any_of(result_.problems, is_known)) return;
    result_.problems.push_back({result_.lines[key], key, std::move(text)});
  }

  loaded& result_;
  const settings& values_;
};

}  // namespace

// A pipe gives its content once: a reload would find nothing in it, and take over the defaults.
loaded read_settings(const settings_source& from, reading_time when) {
  bool const is_input = from.path == "-";
  bool const is_start = when == reading_time::start;
  if (is_input && !is_start) return {{}, {{0, "", "cannot be read again; a reload needs --config FILE"}}, {}};
  std::string text;
  if (!from.path.empty()) {
    plain_file file{is_input ? "/dev/stdin" : from.path, is_start ? plain_file::pipes::taken : plain_file::pipes::refused};
    text = file.read(max_settings);
    if (!file.why_not().empty()) return {{}, {{0, "", file.why_not()}}, {}};
  }
  auto result = load_settings(text, from.set);
  result.values.machine = read_machine();
  bool const is_file = !from.path.empty() && !is_input;
  auto const folder = is_file ? std::filesystem::absolute(from.path).parent_path() : std::filesystem::current_path();
  for (auto& one : result.values.listeners) {
    if (!one.tls) continue;
    resolve(one.tls->certificate, folder);
    resolve(one.tls->key, folder);
    resolve(one.tls->client_ca, folder);
  }
  auto const resolve_upstream = [&](upstream_settings& one) {
    if (one.ca_file != "system") resolve(one.ca_file, folder);
    resolve(one.proxy_credential_file, folder);
  };
  resolve_upstream(result.values.upstream);
  for (auto& one : result.values.upstreams) resolve_upstream(one);
  for (auto* const each : {&result.values.admin.token_file, &result.values.admin.audit_file, &result.values.admin.tls.certificate,
                           &result.values.admin.tls.key, &result.values.admin.tls.client_ca})
    resolve(*each, folder);
  for (auto* const each : {&result.values.events.auth_token_file, &result.values.events.tls.certificate, &result.values.events.tls.key,
                           &result.values.events.tls.client_ca})
    resolve(*each, folder);
  resolve(result.values.log.access_file, folder);
  resolve(result.values.snapshot.file, folder);
  resolve(result.values.snapshot.key_file, folder);
  resolve(result.values.fleet.key_file, folder);
  resolve(result.values.fleet.password_file, folder);
  if (result.values.fleet.ca_file != "system") resolve(result.values.fleet.ca_file, folder);
  if (result.values.tracing.ca_file != "system") resolve(result.values.tracing.ca_file, folder);
  for (auto& one : result.values.credentials.accounts) {
    resolve(one.credential_file, folder);
    resolve(one.oauth.client_secret_file, folder);
    if (one.oauth.ca_file != "system") resolve(one.oauth.ca_file, folder);
  }
  for (auto& one : result.values.credentials.clients) resolve(one.token_file, folder);
  resolve(result.values.credentials.jwt.jwks_file, folder);
  file_checker{result}.check();
  std::ranges::stable_sort(result.problems, {}, &problem::line);
  return result;
}

std::string problem_line(const std::string& path, const problem& one) {
  auto text = one.line == line_of_set ? "--set:" : shown_path(path) + ":";
  if (one.line > 0) text += std::to_string(one.line) + ":";
  if (!one.key.empty()) text += " " + one.key + ":";
  return text + " " + one.text;
}

std::string shown_path(const std::string& path) { return path == "-" ? "standard input" : path; }

digest content_of_file(const std::string& path) {
  auto content = plain_file{path}.read(most_of_certificates);
  auto const found = content_digest(content);
  sodium_memzero(content.data(), content.size());
  return found;
}

void fill_with_random(void* bytes, std::size_t size) { randombytes_buf(bytes, size); }

std::string random_id() {
  std::uint64_t bits = 0;
  fill_with_random(&bits, sizeof bits);
  std::string text;
  append_hex(text, bits);
  return text;
}

}  // namespace gateway
