#pragma once
// The sinks of Event Streams and what is on its way to them: events become deliveries, and a delivery is tried again until it is accepted.
// Thread rule: guarded by its owner's lock. Time rule: `now` is an argument.
#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "delivery_log.hpp"
#include "dice.hpp"
#include "event_schedule.hpp"
#include "event_signature.hpp"
#include "sink_url.hpp"

namespace simulator {

struct sink {
  std::string sid, account_sid;
  std::string destination;                      // the URL that is signed
  std::string deliver_to;                       // dialled instead: what a load balancer or a TLS terminator would pass on to
  std::string ca_pem;                           // trusted for https; empty: the system's authorities
  std::optional<std::string> auth_token;        // signs instead of the account's own
  std::vector<std::string> types;               // of its subscriptions
  bool batch = false;                           // events that are due together share a delivery
  bool data_as_text = false;                    // `data` is a JSON string
  bool reversed = false;                        // what is due together goes out last event first
  std::size_t duplicates = 0;                   // each delivery so many times more
  std::size_t connections = 1;                  // deliveries at a time
  std::chrono::milliseconds delay{}, jitter{};  // an event leaves so much later; jitter: up to so much, at random
  signing how = signing::right;
};

struct delivery_order {
  std::string body;
  delivery_labels labels;
  std::vector<std::pair<std::string, std::string>> headers;
  signing how = signing::right;
  bool retry = true;
};

delivery_order delivery_of(const sink& to, std::span<const boost::json::object> events);

struct webhook {  // one attempt, ready to be sent
  std::uint64_t id = 0;
  std::string sink_sid, body, ca_pem;
  signed_url to;
  sink_url dialled;
  std::vector<std::pair<std::string, std::string>> headers;
};

class webhook_queue {
public:
  explicit webhook_queue(std::uint64_t seed) : chance_(seed ^ 0x51c) {}

  const sink* find(std::string_view sid) const;
  void put(sink changed);  // with the same sid as another: its new description, the subscriptions stay
  void subscribe(std::string_view sink_sid, const std::vector<std::string>& types);
  void clear();

  void add(const due_event& event, sim_time now);  // for every sink of its account that has subscribed to its type
  void send(std::string_view sink_sid, const delivery_order& order, std::size_t times);

  using token_source = std::function<std::string(const std::string& account_sid)>;
  std::vector<webhook> take(sim_time now, const token_source& token_of);
  void answered(std::uint64_t id, unsigned status, std::string_view error, sim_time now);  // status 0: no answer, for the reason `error`
  std::optional<sim_time> next() const;
  std::size_t pending() const;  // events and deliveries that have not been accepted yet

  delivery_log& log() { return log_; }
  const delivery_log& log() const { return log_; }

private:
  struct attempt {
    delivery_order order;
    unsigned number = 0;
    sim_time first;
  };
  struct lane {
    sink what;
    std::multimap<sim_time, boost::json::object> events;  // by the moment at which they leave
    std::multimap<sim_time, attempt> again;
    std::deque<attempt> ready;
    std::size_t under_way = 0;
  };
  static void pack_due(lane& of, sim_time now);
  webhook begin(lane& of, sim_time now, const token_source& token_of);

  dice chance_;
  std::map<std::string, lane, std::less<>> lanes_;
  std::unordered_map<std::uint64_t, std::pair<std::string, attempt>> under_way_;  // with the sink's sid
  delivery_log log_;
};

}  // namespace simulator
