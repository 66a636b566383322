// The addresses of pages in the `meta` of a list. An SDK follows them with its credential, so in a passthrough answer they lead to this
// gateway: an address at the upstream is rewritten, one at any other host is a fault. No other byte of the body changes.
// Source: Twilio's lists have meta.url, first_page_url, previous_page_url and next_page_url; RFC 8259, RFC 3986.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/upstream/answer.hpp"
#include "core/upstream/twilio_body.hpp"
#include "core/upstream/verdict.hpp"

namespace gateway {

// The origin at which a client reaches this gateway: the setting, else the Host that the client sent. "" if neither is of use; then pages
// are named by their path alone.
std::string own_origin(std::string_view public_url, bool secured, std::string_view host);

struct page_hosts {
  std::string_view upstream;  // the value of the upstream's Host field
  std::string_view own;       // from own_origin()
};

// Rewrites the pages of an answer that passes through. `meaning` becomes broken if the body cannot be read or leads to another host.
void lead_pages_here(upstream_answer& answer, verdict& meaning, const page_hosts& hosts, body_reader& reader);

}  // namespace gateway
