#include "io/files/settings_file.hpp"

#include <sodium.h>

#include <filesystem>
#include <functional>

#include "core/base/text.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/validate_events.hpp"
#include "io/files/access_files.hpp"
#include "io/files/event_tokens.hpp"
#include "io/files/fleet_files.hpp"
#include "io/files/guarded_file.hpp"
#include "io/files/proxy_credential.hpp"
#include "io/files/snapshot_seal.hpp"
#include "io/net/server_tls.hpp"
#include "io/upstream/client_tls.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_settings = 1024 * 1024;

void resolve(std::string& path, const std::filesystem::path& folder) {
  if (!path.empty()) path = (folder / path).lexically_normal().string();  // an absolute path stays as it is
}

void check_event_files(const event_settings& from, const std::function<void(const std::string& key, std::string text)>& report) {
  if (auto const tokens = read_event_tokens(from.auth_token_file); !tokens.why_not.empty())
    report("events.auth_token_file", tokens.why_not);
  std::string why_not;
  if (auto const tls = tls_of(from); tls && !make_server_tls(*tls, why_not)) report("events.tls", why_not);
}

// The files that the settings name must be usable before a socket opens.
void check_files(loaded& result) {
  auto const report = [&](const std::string& key, std::string text) {
    result.problems.push_back({result.lines[key], key, std::move(text)});
  };
  auto const& values = result.values;
  for (std::size_t i = 0; i < values.listeners.size(); ++i) {
    std::string why_not;
    if (values.listeners[i].tls && !make_server_tls(*values.listeners[i].tls, why_not))
      report("listeners[" + std::to_string(i) + "].tls", why_not);
  }
  auto const try_authorities = [&](const std::string& url, const std::string& file, const std::string& key) {
    try {
      client_tls trial{*parse_origin(url), file};
    } catch (const std::exception& error) {
      report(key, error.what());
    }
  };
  try_authorities(values.upstream.url, values.upstream.ca_file, "upstream.ca_file");
  if (values.fleet.url.starts_with("rediss:") || values.fleet.sentinel.tls)
    try_authorities("https://engine", values.fleet.ca_file, "fleet.ca_file");
  if (!values.tracing.otlp_url.empty()) try_authorities(values.tracing.otlp_url, values.tracing.ca_file, "tracing.ca_file");
  std::string why_not;
  if (!values.snapshot.key_file.empty() && !read_seal_key(values.snapshot.key_file, why_not)) report("snapshot.key_file", why_not);
  if (why_not = read_proxy_credential(values.upstream.proxy_credential_file).why_not; !why_not.empty())
    report("upstream.proxy_credential_file", why_not);
  check_fleet_files(values, report);
  if (values.events.is_on()) check_event_files(values.events, report);
  for (auto const& one : read_access(values.credentials, {}).problems) report(one.key, one.text);
  if (values.admin.token_file.empty()) return;
  if (auto const token = read_guarded(values.admin.token_file, 0); !token.why_not.empty()) report("admin.token_file", token.why_not);
}

}  // namespace

// A pipe gives its content once: a reload would find nothing in it, and take over the defaults.
loaded read_settings(const std::string& path, reading_time when) {
  plain_file file{path, when == reading_time::start ? plain_file::pipes::taken : plain_file::pipes::refused};
  auto const text = file.read(max_settings);
  if (!file.why_not().empty()) return {{}, {{0, "", file.why_not()}}, {}};
  auto result = load_settings(text);
  auto const folder = std::filesystem::absolute(path).parent_path();
  for (auto& one : result.values.listeners) {
    if (!one.tls) continue;
    resolve(one.tls->certificate, folder);
    resolve(one.tls->key, folder);
    resolve(one.tls->client_ca, folder);
  }
  if (result.values.upstream.ca_file != "system") resolve(result.values.upstream.ca_file, folder);
  resolve(result.values.upstream.proxy_credential_file, folder);
  resolve(result.values.admin.token_file, folder);
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
  for (auto& one : result.values.credentials.accounts) resolve(one.credential_file, folder);
  for (auto& one : result.values.credentials.clients) resolve(one.token_file, folder);
  if (result.problems.empty()) check_files(result);
  return result;
}

std::string problem_line(const std::string& path, const problem& one) {
  std::string text = path + ":";
  if (one.line > 0) text += std::to_string(one.line) + ":";
  if (!one.key.empty()) text += " " + one.key + ":";
  return text + " " + one.text;
}

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
