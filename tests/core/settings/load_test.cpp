#include "core/settings/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "core/settings/listening.hpp"
#include "settings/settings_words.hpp"

namespace gateway::load_test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using testing::HasSubstr;

TEST(load, nothing_set_means_the_contract_s_defaults) {
  for (std::string_view const yaml : {"", "{}", "# only a comment\n", "---\n", "upstream:\n", "cache: {}\nlog:\n"}) {
    auto const loaded = load_settings(yaml);
    EXPECT_TRUE(loaded.problems.empty()) << yaml << problems_of(yaml);
    auto const& s = loaded.values;
    EXPECT_EQ(s.workers, 0u);
    ASSERT_EQ(s.listeners.size(), 1u);
    EXPECT_EQ(s.listeners[0].address, "127.0.0.1:8080");
    EXPECT_FALSE(s.listeners[0].tls);
    EXPECT_EQ(s.admin.address, "127.0.0.1:9464");
    EXPECT_EQ(s.upstream.url, "https://insights.twilio.com");
    EXPECT_FALSE(s.upstream.allow_plaintext);
    EXPECT_EQ(s.upstream.ca_file, "system");
    EXPECT_EQ(s.upstream.timeout, 8s);
    EXPECT_EQ(s.upstream.max_in_flight, 40u);
    EXPECT_EQ(s.credentials.mode, credentials_mode::forward);
    EXPECT_EQ(s.credentials.sharing, sharing_mode::partition);
    EXPECT_EQ(s.credentials.grant_ttl, 5min);
    EXPECT_EQ(s.credentials.proof_lifetime, 24h);
    EXPECT_EQ(s.cache.max_bytes, 256u << 20);
    EXPECT_EQ(s.cache.freshness.fresh_for, 1h);
    EXPECT_TRUE(s.cache.freshness.complete_answers[static_cast<std::size_t>(processing_state::absent)]);
    EXPECT_TRUE(s.cache.freshness.complete_answers[static_cast<std::size_t>(processing_state::complete)]);
    EXPECT_FALSE(s.cache.freshness.complete_answers[static_cast<std::size_t>(processing_state::partial)]);
    EXPECT_TRUE(s.cache.freshness.complete_answers[static_cast<std::size_t>(processing_state::all)]);
    EXPECT_EQ(s.log.level, log_level::info);
    EXPECT_EQ(s.log.access, access_log::errors_and_slow);
    EXPECT_FALSE(s.server_timing);
  }
}

TEST(load, the_contract_s_example_is_taken) {
  auto const loaded = load_settings(R"(workers: 4                         # threads
listeners:
  - address: 127.0.0.1:8080
  - address: unix:/run/summary-gateway/http.sock
  - address: "[::1]:8443"
    tls: { certificate: cert.pem, key: key.pem, client_ca: ca.pem }
    proxy_protocol: { from: [10.0.0.0/8] }
    trusted_proxies: [10.0.0.0/8, "::1"]
    public_url: https://gw.example
admin:
  address: 127.0.0.1:9464
upstream:
  url: https://localhost:8443
  ca_file: /tmp/ca.pem
  timeout: 1500ms
  max_in_flight: 2
credentials:
  mode: forward
cache:
  max_bytes: 16MiB
  fresh_for: 1h30m
  serve_complete_for: [complete]
log: { level: debug, access: all, slow_after: 2s }
passthrough: [summaries, call]
server_timing: true
)");
  ASSERT_TRUE(loaded.problems.empty());
  auto const& s = loaded.values;
  EXPECT_EQ(s.workers, 4u);
  ASSERT_EQ(s.listeners.size(), 3u);
  EXPECT_EQ(s.listeners[1].address, "unix:/run/summary-gateway/http.sock");
  EXPECT_FALSE(s.listeners[1].tls);
  ASSERT_TRUE(s.listeners[2].tls);
  EXPECT_EQ(s.listeners[2].tls->certificate, "cert.pem");
  EXPECT_EQ(s.listeners[2].tls->key, "key.pem");
  EXPECT_EQ(s.listeners[2].tls->client_ca, "ca.pem");
  EXPECT_EQ(s.listeners[2].proxy_headers_from, std::vector<std::string>{"10.0.0.0/8"});
  EXPECT_EQ(s.listeners[2].trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
  auto const trust = trust_of(s.listeners[2]);
  EXPECT_EQ(trust.public_url, "https://gw.example");
  EXPECT_TRUE(trust.proxy_header_senders.contains(ip_address::parse("10.1.2.3")) && trust.forwarding.contains(ip_address::parse("::1")));
  EXPECT_FALSE(trust.proxy_header_senders.contains(ip_address::parse("::1")) || trust.forwarding.contains(std::nullopt));
  EXPECT_EQ(s.upstream.url, "https://localhost:8443");
  EXPECT_EQ(s.upstream.timeout, 1500ms);
  EXPECT_EQ(s.upstream.max_in_flight, 2u);
  EXPECT_EQ(s.cache.max_bytes, 16u << 20);
  EXPECT_EQ(s.cache.freshness.fresh_for, 90min);
  EXPECT_FALSE(s.cache.freshness.complete_answers[static_cast<std::size_t>(processing_state::absent)]);
  EXPECT_TRUE(s.cache.freshness.complete_answers[static_cast<std::size_t>(processing_state::complete)]);
  EXPECT_EQ(s.log.level, log_level::debug);
  EXPECT_EQ(s.log.access, access_log::all);
  EXPECT_EQ(s.log.slow_after, 2s);
  EXPECT_EQ(s.passthrough, (passthrough_set{true, false, false, true}));
  EXPECT_TRUE(s.server_timing);
}

// One mistake gives one problem, at its line and key.
TEST(load, each_mistake_is_named) {
  struct row {
    std::string_view yaml;
    int line;
    std::string_view key;
    std::string_view text;  // a part of the text
  };
  static constexpr row rows[] = {
      {"wrokers: 2\n", 1, "wrokers", "is not a setting; did you mean 'workers'?"},
      {"bananas: 2\n", 1, "bananas", "is not a setting"},
      {"\nupstream:\n  timout: 2s\n", 3, "upstream.timout", "did you mean 'timeout'?"},
      {"upstream: { timout: 2s }\n", 1, "upstream.timout", "did you mean 'timeout'?"},
      {"listeners:\n  - adress: 127.0.0.1:80\n    address: 127.0.0.1:80\n", 2, "listeners[0].adress", "did you mean 'address'?"},
      {"polling: { max_hold: 53s }\n", 1, "polling.max_hold", "must be no longer than limits.request_timeout less upstream.timeout, or 0s"},
      {"polling: { max_hold: 5s }\nupstream: { timeout: 1m }\n", 1, "polling.max_hold", "less upstream.timeout"},
      {"upstream: { answer_fields: [X-Other, Set-Cookie] }\n", 1, "upstream.answer_fields", "'Set-Cookie' can never be sent on"},
      {"upstream: { answer_fields: [\"X Other\"] }\n", 1, "upstream.answer_fields", "'X Other' is no name of a field"},
      {"workers: 0\n", 1, "workers", "must be a whole number from 1 to 256, not '0'"},
      {"workers: 257\n", 1, "workers", "from 1 to 256"},
      {"workers: -1\n", 1, "workers", "not '-1'"},
      {"workers: 1.5\n", 1, "workers", "whole number"},
      {"workers: four\n", 1, "workers", "whole number"},
      {"workers: Auto\n", 1, "workers", "whole number"},
      {"workers:\n", 1, "workers", "one plain value"},
      {"workers: [1]\n", 1, "workers", "one plain value"},
      {"workers: { a: 1 }\n", 1, "workers", "one plain value"},
      {"workers: 99999999999999999999999\n", 1, "workers", "whole number"},
      {"upstream:\n  timeout: 8\n", 2, "upstream.timeout", "a duration with a unit such as 250ms, 8s, 5m or 1h, not '8'"},
      {"upstream:\n  timeout: 1ms\n", 2, "upstream.timeout", "must be from 10ms to 5m, not '1ms'"},
      {"upstream:\n  timeout: 6m\n", 2, "upstream.timeout", "must be from 10ms to 5m"},
      {"upstream:\n  timeout: soon\n", 2, "upstream.timeout", "a duration with a unit"},
      {"cache:\n  max_bytes: 256\n", 2, "cache.max_bytes", "a size with a unit such as 512B, 16KiB or 256MiB, not '256'"},
      {"cache:\n  max_bytes: 1B\n", 2, "cache.max_bytes", "must be from 1MiB to 1024GiB"},
      {"server_timing: yes\n", 1, "server_timing", "must be true or false, not 'yes'"},
      {"server_timing: 1\n", 1, "server_timing", "must be true or false"},
      {"log: { level: inf }\n", 1, "log.level", "must be one of debug, info, warning, error, not 'inf'; did you mean 'info'?"},
      {"log: { access: some }\n", 1, "log.access", "must be one of all, errors_and_slow, none"},
      {"cache: { serve_complete_for: complete }\n", 1, "cache.serve_complete_for", "must be a list of absent, complete and all"},
      {"cache: { serve_complete_for: [complete, partial] }\n", 1, "cache.serve_complete_for", "a partial always goes upstream"},
      {"cache: { serve_complete_for: [[complete]] }\n", 1, "cache.serve_complete_for", "must be a list"},
      {"cache: { serve_complete_for: [Complete] }\n", 1, "cache.serve_complete_for", "not 'Complete'"},
      {"passthrough: events\n", 1, "passthrough", "must be a list of call, events, metrics, summaries"},
      {"passthrough: [event]\n", 1, "passthrough", "not 'event'; did you mean 'events'?"},
      {"passthrough: [settings.writ]\n", 1, "passthrough", "did you mean 'settings.write'?"},
      {"passthrough:\n  - call\n  - [events]\n", 3, "passthrough", "must be a list of"},
      {"upstream: fast\n", 1, "upstream", "must hold settings of its own"},
      {"upstream:\n  - url: x\n", 2, "upstream", "must hold settings of its own"},
      {"listeners: 127.0.0.1:80\n", 1, "listeners", "must be a list with at least one"},
      {"listeners: []\n", 1, "listeners", "must be a list with at least one"},
      {"listeners:\n  - 127.0.0.1:80\n", 2, "listeners[0]", "must be '- address: ADDRESS:PORT'"},
      {"listeners:\n  - tls: { certificate: a, key: b }\n", 2, "listeners[0].address", "is missing"},
      {"listeners:\n  - address: nginx:80\n", 2, "listeners[0].address",
       "must be ADDRESS:PORT, [ADDRESS]:PORT or unix:/PATH, not 'nginx:80'"},
      {"listeners:\n  - address: 127.0.0.1:9464\n", 0, "admin.address", "is taken by listeners[0].address"},
      {"listeners:\n  - address: :80\n  - address: localhost:80\n", 3, "listeners[1].address", "is taken by listeners[0].address"},
      {"listeners:\n  - address: unix:/s\n    mode: 432\n", 3, "listeners[0].mode", "did you mean \"0660\"?"},
      {"admin: { address: \":9464\" }\n", 1, "admin.address", "is reachable from other machines"},
      {"upstream:\n  timeout: 1w\n", 2, "upstream.timeout", "not '1w'; did you mean '7d'?"},
      {"cache:\n  max_bytes: 512mb\n", 2, "cache.max_bytes", "not '512mb'; did you mean '512MiB'?"},
      {"server_timing: Yes\n", 1, "server_timing", "did you mean 'true'?"},
      {"log: { level: warn }\n", 1, "log.level", "not 'warn'; did you mean 'warning'?"},
      {"upstream:\n  url: ${URL}\n", 2, "upstream.url", "holds a variable, and variables are not substituted"},
      {"upstream:\n  max_in_flight: $(MAX)\n", 2, "upstream.max_in_flight", "variables are not substituted"},
      {"snapshot:\n  file: $HOME/snapshot\n", 2, "snapshot.file", "variables are not substituted"},
      {"listeners:\n  - address: ${IP}:80\n", 2, "listeners[0].address", "variables are not substituted"},
      {"cors:\n  allow_origins: [\"https://${APP}\"]\n", 2, "cors.allow_origins", "variables are not substituted"},
      {"log:\n  <<: debug\n", 2, "log.<<", "must name a map, as in '<<: *name', or a list of maps"},
      {"log:\n  <<: []\n", 2, "log.<<", "must name a map"},
      {"x-l: &l { levl: debug }\nlog: { <<: *l }\n", 1, "log.levl", "did you mean 'level'?"},
      {"listeners:\n  - address: 127.0.0.1:80\n  - address: 8080\n", 3, "listeners[1].address", "must be ADDRESS:PORT"},
      {"listeners:\n  - address: 127.0.0.1:80\n    public_url: gw.example\n", 3, "listeners[0].public_url",
       "must be https:// or http://HOST"},
      {"listeners:\n  - address: 127.0.0.1:80\n    public_url: https://gw.example/path\n", 3, "listeners[0].public_url",
       "without user, path"},
      {"listeners:\n  - address: 127.0.0.1:80\n    tls: { certificate: a }\n", 3, "listeners[0].tls", "needs both certificate and key"},
      {"listeners:\n  - address: 127.0.0.1:80\n    tls:\n", 3, "listeners[0].tls", "needs both certificate and key"},
      {"listeners:\n  - address: 127.0.0.1:80\n    tls: { certificate: a, key: b, ca: c }\n", 3, "listeners[0].tls.ca", "is not a setting"},
      {"listeners:\n  - address: 127.0.0.1:80\n    proxy_protocol: true\n", 3, "listeners[0].proxy_protocol",
       "must hold settings of its own"},
      {"listeners:\n  - address: 127.0.0.1:80\n    proxy_protocol: { from: [10.0.0.0/8], form: x }\n", 3,
       "listeners[0].proxy_protocol.form", "did you mean 'from'?"},
      {"listeners:\n  - address: 127.0.0.1:80\n    proxy_protocol: {}\n", 3, "listeners[0].proxy_protocol.from", "must name at least one"},
      {"listeners:\n  - address: 127.0.0.1:80\n    proxy_protocol:\n      from: []\n", 4, "listeners[0].proxy_protocol.from",
       "must name at least one"},
      {"listeners:\n  - address: 127.0.0.1:80\n    proxy_protocol: { from: 10.0.0.0/8 }\n", 3, "listeners[0].proxy_protocol.from",
       "must be a list"},
      {"listeners:\n  - address: 127.0.0.1:80\n    proxy_protocol: { from: [10.0.0.1/8] }\n", 3, "listeners[0].proxy_protocol.from",
       "write 10.0.0.0/8"},
      {"listeners:\n  - address: 127.0.0.1:80\n    trusted_proxies: [nginx]\n", 3, "listeners[0].trusted_proxies",
       "'nginx' must be an address"},
      {"listeners:\n  - address: 127.0.0.1:80\n    trusted_proxies: [unix]\n", 3, "listeners[0].trusted_proxies", "for unix sockets only"},
      {"listeners:\n  - address: unix:/s\n    trusted_proxies: [10.0.0.0/8]\n", 3, "listeners[0].trusted_proxies", "must be [unix]"},
      {"listeners:\n  - address: unix:/s\n    proxy_protocol: { from: [\"::1\"] }\n", 3, "listeners[0].proxy_protocol.from",
       "must be [unix]"},
      {"admin:\n  address: 0.0.0.0:9464\n", 2, "admin.address", "is reachable from other machines"},
      {"admin:\n  address: everywhere\n", 2, "admin.address", "must be ADDRESS:PORT"},
      {"admin:\n  metrics_address: everywhere\n", 2, "admin.metrics_address", "must be ADDRESS:PORT"},
      {"snapshot:\n  file: here/\n", 2, "snapshot.file", "must be a file, not a folder"},
      {"snapshot:\n  key_file: k\n", 2, "snapshot.key_file", "is for snapshot.file"},
      {"snapshot:\n  every: 99ms\n", 2, "snapshot.every", "100ms"},
      {"tracing:\n  otlp_url: collector:4318\n", 2, "tracing.otlp_url", "must be http:// or https://"},
      {"tracing:\n  otlp_url: http://collector:4318/v1/traces\n", 2, "tracing.otlp_url", "must be http:// or https://"},
      {"upstream:\n  url: insights.twilio.com\n", 2, "upstream.url", "must be https://HOST or https://HOST:PORT"},
      {"upstream:\n  url: http://127.0.0.1:80\n", 2, "upstream.url", "must be https; http is possible only with allow_plaintext"},
      {"upstream:\n  url: http://insights.twilio.com\n  allow_plaintext: true\n", 2, "upstream.url", "must be https"},
      {"upstream:\n  connect_to: https://h:443\n", 2, "upstream.connect_to", "must be HOST:PORT"},
      {"upstream:\n  connect_to: 203.0.113.7\n", 2, "upstream.connect_to", "must be HOST:PORT"},
      {"upstream:\n  url: http://127.0.0.1:80\n  allow_plaintext: true\n  connect_to: 203.0.113.7:80\n", 4, "upstream.connect_to",
       "must be a loopback host"},
      {"upstream:\n  proxy: proxy.internal:3128\n", 2, "upstream.proxy", "must be http://HOST:PORT"},
      {"upstream:\n  proxy: http://proxy.internal\n", 2, "upstream.proxy", "must name its port"},
      {"upstream:\n  proxy: http://proxy.internal:3128/path\n", 2, "upstream.proxy", "without path"},
      {"upstream:\n  proxy: https://proxy.internal:3128\n", 2, "upstream.proxy", "TLS to the proxy itself is not supported"},
      {"upstream:\n  proxy: socks5://proxy.internal:1080\n", 2, "upstream.proxy", "must be http://HOST:PORT"},
      {"upstream:\n  proxy: http://u:p@proxy.internal:3128\n", 2, "upstream.proxy", "upstream.proxy_credential_file"},
      {"upstream:\n  proxy_credential_file: x\n", 2, "upstream.proxy_credential_file", "is for upstream.proxy"},
      {"upstream:\n  url: http://127.0.0.1:80\n  allow_plaintext: true\n  proxy: http://127.0.0.1:3128\n", 4, "upstream.proxy",
       "needs an https upstream.url"},
      {"workers: 1\nserver_timing: true\nworkers: 2\n", 3, "workers", "is given twice; the first is on line 1"},
      {"upstream:\n  url: https://a\n  url: https://b\n", 3, "upstream.url", "is given twice; the first is on line 2"},
      {"upstream:\n  url: https://a\nupstream:\n  url: https://b\n", 3, "upstream", "is given twice; the first is on line 1"},
      {"- workers\n", 1, "", "must be a map of settings"},
      {"just text\n", 1, "", "must be a map of settings"},
      {"workers: 1\n--- { workers: 2 }\n", 2, "", "one YAML document only"},
      {"workers: [1\n", 0, "", "is not YAML"},
      {"workers: 1\n\tlog: x\n", 2, "", "is indented with a tab; YAML takes only blanks there"},
      {"cache:\n\t# a note\n\n\t\n  gzip: true\n \tmax_bytes: 1MiB\n", 6, "", "is indented with a tab"},
      {"a: b: c\n", 1, "", "is not YAML"},
      {"workers: *nobody\n", 1, "", "is not YAML"},
  };
  for (auto const& r : rows) {
    auto const loaded = load_settings(r.yaml);
    ASSERT_EQ(loaded.problems.size(), 1u) << r.yaml << problems_of(r.yaml);
    auto const& p = loaded.problems.front();
    if (r.line != 0) {  // 0: the line that the parser reported
      EXPECT_EQ(p.line, r.line) << r.yaml;
    }
    EXPECT_EQ(p.key, r.key) << r.yaml;
    EXPECT_THAT(p.text, HasSubstr(r.text)) << r.yaml;
  }
}

TEST(load, all_problems_come_at_once_in_the_order_of_lines) {
  EXPECT_EQ(problems_of(R"(wrokers: 2
upstream:
  timeout: 8
  max_in_flight: 0
  timeout: 9s
cache:
  fresh_for: 1h
  max_bytes: lots
listeners:
  - address: nowhere
admin:
  address: 0.0.0.0:1
)"),
            "1 wrokers: is not a setting; did you mean 'workers'?\n"
            "3 upstream.timeout: must be a duration with a unit such as 250ms, 8s, 5m or 1h, not '8'\n"
            "4 upstream.max_in_flight: must be a whole number from 1 to 10000, not '0'\n"
            "5 upstream.timeout: is given twice; the first is on line 3\n"
            "8 cache.max_bytes: must be a size with a unit such as 512B, 16KiB or 256MiB, not 'lots'\n"
            "10 listeners[0].address: must be ADDRESS:PORT, [ADDRESS]:PORT or unix:/PATH, not 'nowhere'\n"
            "12 admin.address: is reachable from other machines; keep it on 127.0.0.1 or a unix socket, or set admin.token_file, "
            "or tls.client_ca and users\n");
}

TEST(load, merge_keys_add_what_a_map_does_not_set) {
  auto const read = [](std::string_view yaml) {
    EXPECT_EQ(problems_of(yaml), "") << yaml;
    return load_settings(yaml).values;
  };
  auto values = read(R"(x-usual: &usual { level: debug, access: all, x-why: "a note" }
log:
  <<: *usual
  access: none
)");
  EXPECT_EQ(values.log.level, log_level::debug);
  EXPECT_EQ(values.log.access, access_log::none);
  values = read(R"(x-first: &first { max_connections: 1 }
x-second: &second { <<: *first, max_waiters: 3, max_connections: 2 }
limits: { <<: [*first, *second], max_pipelined: 4 }
)");
  EXPECT_EQ(values.limits.max_connections, 1U);  // the first of the list counts
  EXPECT_EQ(values.limits.max_waiters, 3U);
  EXPECT_EQ(values.limits.max_pipelined, 4U);
  values = read(R"(x-tls: &tls { tls: { certificate: c, key: k } }
listeners:
  - { <<: *tls, address: 127.0.0.1:1 }
  - { address: 127.0.0.1:2, <<: *tls }
)");
  ASSERT_EQ(values.listeners.size(), 2U);
  for (auto const& one : values.listeners) EXPECT_TRUE(one.tls && one.tls->key == "k");
  read("x-loop: &loop { <<: *loop, level: debug }\nlog: { <<: *loop }\n");
}

TEST(load, keys_that_begin_with_x_are_for_other_programs) {
  EXPECT_EQ(problems_of("x-any: { workers: many, note: \"${HOME}\" }\nlog: { x-note: [\"${HOME}\"], level: debug }\n"), "");
}

TEST(load, a_file_wrong_as_a_whole_is_reported_in_order_too) {
  EXPECT_EQ(problems_of("just text\n--- { workers: 1 }\n"),
            "1 : must be a map of settings such as 'workers: auto'\n"
            "2 : there must be one YAML document only\n");
}

TEST(load, what_belongs_together_is_judged_together) {
  EXPECT_EQ(problems_of("admin: { address: 0.0.0.0:9464, token_file: /run/token }\n"), "");
  EXPECT_EQ(problems_of("admin: { address: unix:/run/admin.sock }\n"), "");
  EXPECT_EQ(problems_of("upstream: { url: http://127.0.0.1:80, allow_plaintext: true }\n"), "");
  EXPECT_EQ(problems_of("upstream: { url: http://localhost:80, allow_plaintext: true }\n"), "");
  EXPECT_EQ(problems_of("upstream: { url: http://localhost:80, allow_plaintext: true, connect_to: 127.0.0.1:81 }\n"), "");
  EXPECT_EQ(problems_of("upstream: { proxy: http://proxy.internal:3128, proxy_credential_file: c, connect_to: 203.0.113.7:443 }\n"), "");
  EXPECT_EQ(problems_of("upstream: { url: https://insights.twilio.com., connect_to: \"[2001:db8::1]:443\" }\n"), "");
}

TEST(load, a_hold_leaves_time_for_the_exchange_before_it) {
  EXPECT_EQ(problems_of("polling: { max_hold: 52s }\n"), "");
  EXPECT_EQ(problems_of("polling: { max_hold: 0s }\nlimits: { request_timeout: 1s }\n"), "");
}

TEST(load, a_hold_that_is_not_set_makes_room_for_the_exchange_before_it) {
  auto const hold = [](const std::string& yaml) {
    auto const made = load_settings(yaml);
    EXPECT_TRUE(made.problems.empty()) << yaml;
    return made.values.polling.max_hold;
  };
  EXPECT_EQ(hold(""), 25s);
  EXPECT_EQ(hold("limits: { request_timeout: 20s }\n"), 12s);
  EXPECT_EQ(hold("upstream: { timeout: 50s }\n"), 10s);
  EXPECT_EQ(hold("limits: { request_timeout: 1s }\n"), 0s);
}

// Neither a message nor a key may contain terminal control characters.
TEST(load, problems_are_safe_to_print) {
  for (std::string_view const yaml :
       {"workers: \0\n"sv, "workers: \"\\e[2J\\0\\x7f\"\n"sv, "\"\\e[2J\": 1\n"sv, "upstream:\n  \"a\\nb\": 1\n"sv}) {
    auto const text = problems_of(yaml);
    EXPECT_FALSE(text.empty());
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }))
        << text;
    EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
  }
}

TEST(load, a_password_in_the_url_is_not_repeated) {
  for (std::string_view const yaml :
       {"upstream: { url: https://user:hunter2@insights.twilio.com }\n", "upstream: { proxy: http://user:hunter2@proxy.internal:3128 }\n",
        "upstream: { proxy: http://hunter2 }\n", "upstream: { connect_to: user:hunter2@h:443 }\n"}) {
    auto const text = problems_of(yaml);
    EXPECT_NE(text, "");
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
}

TEST(load, says_in_which_line_each_key_is) {
  auto const lines = load_settings("workers: 1\n\nupstream:\n  url: https://h\nlisteners:\n  - address: 127.0.0.1:80\n").lines;
  EXPECT_EQ(lines.at("workers"), 1);
  EXPECT_EQ(lines.at("upstream.url"), 4);
  EXPECT_EQ(lines.at("listeners[0].address"), 6);
}

TEST(load, hostile_yaml_ends_in_problems) {
  auto const repeated = [](std::string_view piece, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += piece;
    return text;
  };
  struct row {
    std::string_view name;
    std::string yaml;
  };
  const row rows[] = {
      {"deep lists", repeated("[", 10'000)},
      {"deep maps", repeated("{a: ", 10'000)},
      {"deep blocks", repeated("- ", 10'000) + "a"},
      {"deep below a known key", "upstream: " + repeated("[", 5'000) + repeated("]", 5'000)},
      {"aliases of aliases", "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: &d [*c,*c]\ne: &e [*d,*d]\nworkers: *e\n"},
      {"an alias within itself", "upstream: &a\n  url: *a\n"},
      {"a map as a key", "? {a: b}\n: c\n"},
      {"a list as a key", "[a, b]: c\n"},
      {"a null key", "~: c\n"},
      {"a tag", "workers: !!binary 12\nx: 1\n"},
      {"NUL", std::string{"workers: \0\n"sv}},
      {"a file of zeros, as a power cut leaves it", std::string(4'096, '\0')},
      {"a comma, which yaml-cpp 0.7's LoadAll reads for ever", ","},
      {"a comma before settings, which its Load takes for the end", ",\nworkers: 2\n"},
      {"not UTF-8", "workers: \xff\xfe\n"},
      {"UTF-16 mark", "\xff\xfew\n"},
      {"a long value", "workers: " + std::string(1'000'000, '9')},
      {"a long key", std::string(1'000, 'w') + ": 1\n"},
      {"directives", "%YAML 9.9\n%TAG ! x\n---\nx: 1\n"},
      {"merge key", "log: &l { level: debug }\nupstream:\n  <<: *l\n"},
      {"unfinished quote", "workers: \"1"},
      {"unfinished block", "workers: |\n"},
  };
  for (auto const& r : rows) EXPECT_FALSE(load_settings(r.yaml).problems.empty()) << r.name;
}

}  // namespace
}  // namespace gateway::load_test
