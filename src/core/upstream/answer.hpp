// An answer of the upstream as values: io reads it from the connection, and all decisions use these values.
// Thread rule: values.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/upstream/field_table.hpp"

namespace gateway {

struct answer_field {
  std::string_view name;
  std::string_view value;
};

struct upstream_answer {
  int status = 0;
  std::vector<answer_field> fields;  // in the order received
  std::string body;
  std::vector<std::unique_ptr<const std::string>> texts{};  // owns texts that `fields` refer to; their addresses survive a move

  // Owns a text that a field will refer to.
  std::string_view hold(std::string text);
  // The first field of that name; "" if there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

// What becomes of the fields of one answer: as their rows say (core/upstream/field_table). Those that Connection names are hop-by-hop, too
// (RFC 9110 §7.6.1).
class passthrough_fields {
public:
  // The answer and the names must outlive it. `added`: the setting upstream.answer_fields.
  explicit passthrough_fields(const upstream_answer& answer, std::span<const std::string> added = {});
  [[nodiscard]] field_use use_of(std::string_view name) const;
  // Whether a client may get it.
  [[nodiscard]] bool has(std::string_view name) const { return reaches_clients(use_of(name)); }

private:
  bool coded_;                                   // the answer may have a coding
  std::vector<std::string_view> by_connection_;  // the names in Connection, sorted
  std::span<const std::string> added_;
};

// The names of fields that clients might miss: those that only a setting could add, and those that no client ever gets.
std::vector<std::string_view> dropped_fields(const upstream_answer& answer, std::span<const std::string> added);

// 1xx: not the final answer (RFC 9110 §15.2). 101 counts as final: no request asks for another protocol.
constexpr bool is_interim(int status) { return status >= 100 && status < 200 && status != 101; }  // defence: no-switch

// The host, and the port if there is one, that a redirect leads to; "" if the answer is no redirect, stays on its host, or has a Location
// that is no URL. Path and query of a Location may hold secrets.
std::string redirect_host(const upstream_answer& answer);

// Access-Control-*: says to a browser which pages may read the answer.
bool is_for_pages(std::string_view name);

}  // namespace gateway
