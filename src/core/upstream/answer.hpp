// What the upstream sent, as values: io reads it off the wire, everything else decides on this.
// Thread rule: values.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct answer_field {
  std::string_view name;
  std::string_view value;
};

struct upstream_answer {
  int status = 0;
  std::vector<answer_field> fields;  // in the order received
  std::string body;
  std::vector<std::unique_ptr<const std::string>>
      texts{};  // what the fields look into, if nobody else keeps it; stays where it is in a move

  // Keeps a text for fields.
  std::string_view hold(std::string text);
  // The first field of that name, "" if there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

// Whether a field goes on to the client. Not relayed: what concerns one hop only (RFC 9110 §7.6.1), what we say ourselves
// (Content-Length, Date, ETag, Cache-Control, …), and what would speak for the upstream's host in our name (HSTS, Alt-Svc, cookies).
bool is_passthrough(std::string_view name, const upstream_answer& answer);

// 1xx: not the answer yet (RFC 9110 §15.2). 101 is none of these: nobody asked to switch protocols.
constexpr bool is_interim(int status) { return status >= 100 && status < 200 && status != 101; }

// Describes one request at one moment, so it belongs to a fresh answer and never to a hit.
bool is_per_request(std::string_view name);

// Access-Control-*: tells a browser which pages may see the answer.
bool is_for_pages(std::string_view name);

}  // namespace gateway
