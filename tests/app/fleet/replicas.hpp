// The gateways of a model fleet, each with a cache of its own, and a request of a client to one of them.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/server/lane_parts.hpp"
#include "fleet/model_engine.hpp"
#include "request/askers.hpp"
#include "request/scripted_upstream.hpp"

namespace gateway::test {

inline constexpr std::size_t replicas = 3;

// The marks of the whole fleet: all replicas know them at once.
struct marks_of_all {
  std::vector<std::pair<std::uint64_t, std::optional<call_sid>>> all;  // nothing: all calls
  std::uint64_t version = 0;
};

class model_marks final : public fleet_marks {
public:
  model_marks(const marks_of_all& all, std::string replica) : all_(all), replica_(std::move(replica)) {}
  bool current = true;
  bool is_current() const override { return current; }
  std::uint64_t version() const override { return all_.version; }
  std::uint64_t newest(const cache_key& key, const std::optional<account_sid>&) const override {
    std::uint64_t newest = 0;
    for (auto const& [version, call] : all_.all)
      if (!call || *call == key.call) newest = std::max(newest, version);
    return newest;
  }
  std::string replica() const override { return replica_; }

private:
  const marks_of_all& all_;
  std::string replica_;
};

inline fleet_keys keys_of_all() { return *fleet_keys::parse(std::string(64, 'a') + "\n", "upstream.test"); }

struct replica {
  replica(worker& at, answer_source& upstream, model_engine& link, const fleet_keys& keys, const marks_of_all& all, access_rules rules,
          std::size_t number)
      : marks(all, "f" + std::to_string(number)),
        shared(at.config, table_key, std::make_shared<const access_rules>(std::move(rules)), number + 1, 2),
        tier(link, keys, marks, "sg", tier_rules()),
        service(at, upstream, at.config.upstream, parts_for_lane(shared, &tier)) {}
  model_marks marks;
  shared_state shared;
  shared_tier tier;
  data_service service;
  std::array<client, 6> connections;
};

struct reader {
  reader(worker& at, replica& from, std::size_t connection, const asker& who, std::size_t about, std::string_view cache_control)
      : asking(who), call(about), text("GET /v1/Voice/"), came(mono_now()) {
    text.append(tenants::sid("CA", call)).append("/Summary HTTP/1.1\r\nHost: gateway.test\r\n");
    if (!who.authorization.empty()) text.append("Authorization: ").append(who.authorization).append("\r\n");
    if (!cache_control.empty()) text.append("Cache-Control: ").append(cache_control).append("\r\n");
    text += "\r\n";
    head = *parse_head(text, {});
    one.emplace(at, from.connections[connection], came, came, &head, out);
  }
  const asker& asking;
  std::size_t call;
  std::string text;
  request_head head;
  mono_time came;
  std::string out;
  std::optional<exchange> one;
  unsigned edition = 0;  // when it began
  bool answered = false;
};

}  // namespace gateway::test
