#include "io/fleet/engine_dialler.hpp"

#include <algorithm>

#include "core/fleet/engine_error.hpp"

namespace gateway {
namespace {

// Names are looked up for each attempt: an engine that has moved is found again.
constexpr name_lifetime always_looked_up{};
// A cluster or a Sentinel may name any number of hosts over time.
constexpr std::size_t most_hosts = 16;
// From node to node of a cluster, in one attempt.
constexpr int most_steps = 3;

origin origin_of(const engine_address& where) {
  origin made;
  made.tls = where.tls;
  made.host = where.host;
  made.port = where.port;
  return made;
}

std::string text_of(const engine_address& where) {
  return where.unix_path.empty() ? origin_of(where).authority() : "unix:" + where.unix_path;
}

// The value of a line "name:value" of the reply to INFO.
std::string_view info(std::string_view text, std::string_view name) {
  auto const at = text.find(name);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + name.size());
  return text.substr(0, text.find('\r'));
}

// A replica takes no writes, and a Sentinel no commands at all. A user that may not ask for the role is believed.
std::string why_no_primary(const engine_reply& role) {
  if (role.items.empty()) return {};
  auto const& name = role.items.front().text;
  if (name == "sentinel") return "it is a Sentinel; its address belongs into fleet.sentinel.addresses";
  return name == "slave" ? std::string{advice_for(engine_error::replica)} : std::string{};
}

}  // namespace

engine_dialler::engine_dialler(worker& at, engine_access how) : at_(at), how_(std::move(how)) {
  auto const& first = how_.sentinels.empty() ? how_.where : how_.sentinels.front();
  if (first.tls) trusted_ = std::make_shared<client_tls>(origin_of(first), how_.ca_file, client_tls::inside::other);
}

std::string engine_dialler::address() const {
  return how_.sentinel_name.empty() ? text_of(how_.where) : "the primary '" + how_.sentinel_name + "' of Sentinel";
}

task<engine_dialler::dialled> engine_dialler::open(mono_time deadline) {
  dialled result;
  auto where = moved_ ? moved_ : std::optional{how_.where};
  if (!moved_ && !how_.sentinel_name.empty()) where = co_await ask_sentinels(deadline, result.why_not);
  if (!where) co_return result;
  for (int steps = 0; where && steps < most_steps; ++steps) {
    current_ = where;
    result = co_await reach(*where, purpose::link, deadline);
    where = result.moved;
    if (where) moved_ = where;
  }
  if (!result.connection && !where) moved_.reset();
  co_return result;
}

task<std::optional<engine_address>> engine_dialler::ask_sentinels(mono_time deadline, std::string& why_not) {
  std::string question;
  append_command(question, {"SENTINEL", "get-master-addr-by-name", how_.sentinel_name});
  auto left = static_cast<int>(how_.sentinels.size());
  for (auto const& one : how_.sentinels) {
    auto const now = mono_now();
    auto const until = now + (deadline - now) / (left-- + 1);  // and the same again for the primary
    auto const places = co_await find(one, until);
    why_not = "Sentinel at " + text_of(one) + ": its name has no address";
    if (places.empty()) continue;
    auto const over = std::make_shared<engine_connection>(at_);
    over->set_deadline(until);
    auto const tls = tls_for(one);
    bool came = co_await over->open(places.front(), tls);
    engine_reply reply;
    if (came) {
      over->post(question);
      came = co_await over->next(reply);
    }
    why_not = "Sentinel at " + text_of(one) + ": " +
              (!came                ? over->why_ended()
               : reply.text.empty() ? "it knows no primary of that name"
                                    : explained(reply.text));
    over->close();
    if (!came || reply.items.size() != 2) continue;
    auto const found = address_from(reply.items[0].text, reply.items[1].text, one);
    if (found) co_return found;
  }
  co_return std::nullopt;
}

task<engine_dialler::dialled> engine_dialler::open_detour(engine_address where, mono_time deadline) {
  co_return co_await reach(std::move(where), purpose::detour, deadline);
}

task<engine_dialler::dialled> engine_dialler::reach(engine_address where, purpose why, mono_time deadline) {
  dialled result;
  auto const tls = tls_for(where);
  auto const places = co_await find(where, deadline);
  if (places.empty()) result.why_not = "its name has no address";
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto const now = mono_now();
    if (now >= deadline) break;
    auto const over = std::make_shared<engine_connection>(at_);
    // A silent address leaves time for those after it.
    over->set_deadline(now + (deadline - now) / static_cast<int>(places.size() - i));
    bool const is_open = co_await over->open(places[i], tls);
    result.connection = over;
    result.why_not = over->why_ended();
    if (is_open) co_await log_in(result, why);
    over->set_deadline(timed::never);
    if (result.why_not.empty()) break;
    over->close();
    result.connection.reset();
  }
  co_return result;
}

task<std::vector<stream_socket::endpoint_type>> engine_dialler::find(const engine_address& where, mono_time deadline) {
  std::vector<stream_socket::endpoint_type> places;
  if (!where.unix_path.empty()) {
    places.emplace_back(asio::local::stream_protocol::endpoint{where.unix_path});
    co_return places;
  }
  if (names_.size() > most_hosts) names_.clear();
  auto& names = names_[text_of(where)];
  if (!names) names = std::make_unique<resolver>(origin_of(where), always_looked_up);
  auto const found = co_await names->find(at_.get_executor(), deadline);
  for (auto const& one : found) places.emplace_back(one);
  co_return places;
}

std::shared_ptr<client_tls> engine_dialler::tls_for(const engine_address& where) {
  if (!trusted_) return nullptr;
  if (verifies_.size() > most_hosts) verifies_.clear();
  auto& made = verifies_[where.host];
  if (!made) made = std::make_shared<client_tls>(origin_of(where), *trusted_);
  return made;
}

// Sets `why_not` if the engine does not serve this user, or does not have the fleet's keys.
task<void> engine_dialler::log_in(dialled& with, purpose why) {
  auto const over = with.connection;
  std::string commands;
  bool const has_password = !how_.password.empty();
  if (has_password && how_.user.empty()) append_command(commands, {"AUTH", how_.password.reveal()});
  if (has_password && !how_.user.empty()) append_command(commands, {"AUTH", how_.user, how_.password.reveal()});
  bool const asks = why == purpose::detour;
  if (asks) append_command(commands, {"ASKING"});
  append_command(commands, {"EVAL", "return 1", "1", how_.key});
  append_command(commands, {"ROLE"});
  append_command(commands, {"INFO", "memory"});
  over->post(commands);
  wipe(commands);
  engine_reply reply;
  for (int left = 3 + (has_password ? 1 : 0) + (asks ? 1 : 0); left > 0; --left) {
    bool const came = co_await over->next(reply);
    if (!came) {
      if (with.why_not.empty()) with.why_not = over->why_ended();
      co_return;
    }
    bool const is_error = reply.is == engine_reply::kind::error;
    if (left > 2 && is_error && with.why_not.empty()) with.why_not = explained(reply.text);
    if (left == 3) with.moved = moved_to(reply.text, *current_);
    if (auto const other = left == 2 ? why_no_primary(reply) : ""; !other.empty()) with.why_not = other;
  }
  over->forget_sent();
  if (!info(reply.text, "maxmemory:").starts_with("0")) with.eviction = info(reply.text, "maxmemory_policy:");
}

}  // namespace gateway
