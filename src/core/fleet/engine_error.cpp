#include "core/fleet/engine_error.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {
namespace {

struct row {
  std::string_view code;
  engine_error is;
  std::string_view advice;
};

constexpr row rows[]{
    {"NOAUTH", engine_error::no_login, "it wants a login: set fleet.password_file, and fleet.user unless it is the default user"},
    {"WRONGPASS", engine_error::wrong_login, "fleet.user and the password in fleet.password_file must be those of an enabled ACL user"},
    {"NOPERM", engine_error::not_allowed,
     "its ACL must give the user the keys ~{NAMESPACE}:*, the channel &{NAMESPACE}:* and the commands of the page fleet"},
    {"READONLY", engine_error::replica, "it is a replica: fleet.url must lead to the primary"},
    {"LOADING", engine_error::loading, "it still reads its data from disk"},
    {"OOM", engine_error::full, "its memory is full: raise maxmemory, and set maxmemory-policy volatile-lru"},
    {"MISCONF", engine_error::disk, "it cannot save to its disk, and takes no writes meanwhile"},
    {"BUSY", engine_error::busy, "another program's script keeps it busy"},
    {"MOVED", engine_error::moved, "another node of the cluster has the keys"},
    {"ASK", engine_error::moving, "the cluster is moving the keys to another node"},
    {"TRYAGAIN", engine_error::moving, "the cluster is moving the keys to another node"},
    {"CLUSTERDOWN", engine_error::cluster_down, "the cluster has no node for the keys now"},
};

std::string_view word(std::string_view& text) {
  auto const found = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), found.size() + 1));
  return found;
}

// Redis 6.2 puts the error of a command behind where in the script it happened: "ERR Error running script (call to f_…): …: 4: -OOM …".
std::string_view without_place(std::string_view reply) {
  constexpr std::string_view before = ": -";
  auto const at = reply.starts_with("ERR Error running script") ? reply.find(before) : std::string_view::npos;
  return at == std::string_view::npos ? reply : reply.substr(at + before.size());
}

// CODE SLOT HOST:PORT
std::optional<engine_address> node_in(std::string_view reply, std::string_view code, const engine_address& from) {
  if (word(reply) != code) return std::nullopt;
  word(reply);  // the slot
  auto const colon = reply.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  // Without a host it is the same one.
  return address_from(colon > 0 ? reply.substr(0, colon) : std::string_view{from.host}, reply.substr(colon + 1), from);
}

}  // namespace

engine_error error_of(std::string_view reply) {
  reply = without_place(reply);
  auto const code = word(reply);
  auto const* const found = std::ranges::find(rows, code, &row::code);
  return found == std::end(rows) ? engine_error::other : found->is;
}

std::string_view advice_for(engine_error what) {
  auto const* const found = std::ranges::find(rows, what, &row::is);
  return found == std::end(rows) ? std::string_view{} : found->advice;
}

std::string explained(std::string_view reply) {
  constexpr std::size_t most = 160;
  std::string text;
  append_json_escaped(text, without_place(reply).substr(0, most));
  auto const advice = advice_for(error_of(reply));
  return advice.empty() ? text : text + " (" + std::string{advice} + ")";
}

std::optional<engine_address> moved_to(std::string_view reply, const engine_address& from) { return node_in(reply, "MOVED", from); }

std::optional<engine_address> asked_at(std::string_view reply, const engine_address& from) { return node_in(reply, "ASK", from); }

}  // namespace gateway
