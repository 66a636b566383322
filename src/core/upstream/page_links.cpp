#include "core/upstream/page_links.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "core/base/text.hpp"
#include "core/upstream/content_coding.hpp"
#include "core/upstream/json_members.hpp"

namespace gateway {
namespace {

// The API's own host: pages name it even if upstream.url leads there under another name.
constexpr std::string_view public_host = "insights.twilio.com";
constexpr std::array<std::string_view, 4> link_names{"url", "first_page_url", "previous_page_url", "next_page_url"};
// A list has four. Many more would make a small body large.
constexpr std::size_t most_links = 64;
// A host name, and a port.
constexpr std::size_t longest_authority = 253 + std::string_view{":65535"}.size();

// What may follow the first "/" of a path (RFC 3986 §3.3), and what ends the path.
constexpr char_set is_path_char{"-._~:?#@!$&'()*+,;=%", is_alnum};

// The authority as a Host field has it: without the port that the scheme implies.
std::string_view host_field_of(std::string_view authority, bool secured) {
  std::string_view const port = secured ? ":443" : ":80";
  return authority.ends_with(port) ? authority.substr(0, authority.size() - port.size()) : authority;
}

bool is_own(std::string_view authority, bool secured, const page_hosts& hosts) {
  auto const host = host_field_of(authority, secured);
  return iequals(host, hosts.upstream) || iequals(host, public_host);  // defence: page-host
}

// Whether the rest of an address, from `at` on, is a path or a query, and cannot name a host wherever it stands: clients read "//", "/\"
// and a "/" with a tab behind it as the beginning of a host.
bool is_path(json_chars at) {
  auto const first = at.next();
  auto const second = at.next();
  return !first || first == '?' || (first == '/' && (!second || is_path_char(*second)));  // defence: page-path
}

// How many bytes of an address, as it is written in the JSON text, name the upstream; 0: it is relative. Nothing: it leads elsewhere.
std::optional<std::size_t> upstream_part(std::string_view written, const page_hosts& hosts) {
  json_chars at{written};
  if (is_path(at)) return 0;
  std::string start;  // "https://"
  while (start.size() < 8 && !start.ends_with("//")) {
    auto const c = at.next();
    if (!c) return std::nullopt;
    start += lower(*c);
  }
  bool const secured = start == "https://";
  if (!secured && start != "http://") return std::nullopt;
  std::string authority;
  while (authority.size() <= longest_authority) {
    auto const here = at;
    auto const c = at.next();
    if (!c || *c == '/' || *c == '?' || *c == '#') {
      return is_own(authority, secured, hosts) && is_path(here) ? std::optional{here.position()} : std::nullopt;
    }
    authority += *c;
  }
  return std::nullopt;
}

// Nothing: there are too many.
std::optional<std::vector<std::string_view>> links_of(std::string_view body) {
  std::vector<std::string_view> links;
  each_member(body, [&](std::string_view name, std::string_view value) {
    if (!means(name, "meta")) return;  // defence: every-meta
    each_member(value, [&](std::string_view key, std::string_view link) {
      bool const is_link = std::ranges::any_of(link_names, [&](std::string_view known) { return means(key, known); });
      if (is_link && link.size() >= 2 && link.starts_with('"') && links.size() <= most_links)
        links.push_back(link.substr(1, link.size() - 2));
    });
  });
  return links.size() <= most_links ? std::optional{std::move(links)} : std::nullopt;  // defence: page-count
}

// The fault that the body is answered with; nothing: it is rewritten.
std::optional<fault> rewrite(upstream_answer& answer, const page_hosts& hosts, body_reader& reader) {
  auto& body = answer.body;
  if (!reader.can_read(body)) return fault::upstream_unusable_body;  // defence: page-unreadable
  auto const links = links_of(body);
  if (!links) return fault::upstream_unusable_body;
  std::string made;
  std::size_t done = 0;
  for (auto const link : *links) {
    auto const part = upstream_part(link, hosts);
    if (!part) return fault::upstream_foreign_page;
    if (*part == 0) continue;
    auto const at = static_cast<std::size_t>(link.data() - body.data());
    made.append(body, done, at - done).append(hosts.own);
    done = at + *part;
  }
  if (done == 0) return std::nullopt;
  made.append(body, done);
  body = std::move(made);
  drop_digests(answer);  // they describe the bytes that were rewritten
  return std::nullopt;
}

}  // namespace

std::string own_origin(std::string_view public_url, bool secured, std::string_view host) {
  if (public_url.ends_with('/')) public_url.remove_suffix(1);
  if (!public_url.empty()) return std::string{public_url};
  if (host.empty() || host.size() > longest_authority) return {};
  return std::string{secured ? "https://" : "http://"}.append(host);
}

void lead_pages_here(upstream_answer& answer, verdict& meaning, const page_hosts& hosts, body_reader& reader) {
  if (meaning.is != verdict_kind::passthrough) return;
  auto const why = rewrite(answer, hosts, reader);
  if (answer.body.size() > largest_usual_body) reader.forget();
  if (!why) return;
  meaning.is = verdict_kind::broken;
  meaning.why = *why;
}

}  // namespace gateway
