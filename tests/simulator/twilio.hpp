#pragma once
// The simulated Twilio as a whole: takes a request in, says how long it works on it, and decides the answer.
// Thread rule: every member function may be called from any thread; one lock, held for microseconds, bodies are written outside it.
// Time rule: the real time is an argument.
#include <boost/json/value.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "accounts.hpp"
#include "calls.hpp"
#include "clock.hpp"
#include "delivery.hpp"
#include "families.hpp"
#include "fault_script.hpp"
#include "latency.hpp"
#include "list_page.hpp"
#include "request_log.hpp"
#include "route.hpp"
#include "token_issuer.hpp"
#include "webhook_queue.hpp"

namespace simulator {

struct request_facts {
  std::shared_ptr<const connection_facts> connection;
  std::string method, target, header_lines, body;
  std::optional<std::string> authorization;
};

// A request that is being worked on, from arrive() to leave().
struct arrival {
  route asked;
  std::uint64_t id = 0;
  account* who = nullptr;  // null: not authenticated
  int refused = 0;         // Twilio's code when decided on arrival (authentication, limit)
  bool counted = false;    // in who->in_flight
  std::size_t concurrent = 0;
  std::chrono::microseconds pause{};
  fault_actions faults;
};

struct reply {
  answer what;
  delivery how;
};

struct twilio_settings {
  std::uint64_t seed = 1;
  sim_time start;
  double clock_speed = 1;
  std::size_t concurrency_limit = 0;
  std::size_t body_bytes = 0;
  latency_model latency;
};

// Counted where connections live; the rest of /state is the simulated Twilio's own.
struct connection_counts {
  std::atomic<std::uint64_t> open{0}, total{0}, handshakes_full{0}, handshakes_resumed{0}, handshakes_failed{0}, malformed{0};
};

// What the control port made, or the problem that kept it from changing anything.
struct control_outcome {
  std::optional<std::string> problem;
  boost::json::object made;
};

struct due_webhooks {
  std::vector<webhook> now;
  std::optional<real_time> next;  // when to ask again, unless something changes before
};

class twilio {
public:
  twilio(const twilio_settings& settings, real_time now);

  arrival arrive(const request_facts& request, real_time now);
  reply decide(const arrival& arrived, const request_facts& request, real_time now);
  void leave(const arrival& arrived);

  bool held() const { return held_.load(std::memory_order_acquire); }  // the barrier
  void hold(bool yes) { held_.store(yes, std::memory_order_release); }
  connection_counts& connections() { return connections_; }

  // What the control port asks for. A string is the problem that made it change nothing.
  boost::json::value state(real_time now);
  boost::json::value requests(std::optional<std::string_view> call_sid);
  void forget_requests();
  std::optional<std::string> put_call(const boost::json::value& description, real_time now);
  std::optional<std::string> load_faults(const boost::json::value& list);
  void clear_faults();
  std::optional<std::string> change_clock(const boost::json::value& change, real_time now);
  std::optional<std::string> change_limit(const boost::json::value& change);
  std::optional<std::string> change_latency(const boost::json::value& change);
  std::optional<std::string> put_credential(const boost::json::value& credential);
  std::optional<std::string> change_tokens(const boost::json::value& change);

  // Event Streams. `tell` is called whenever take_webhooks() may have something earlier than it said; on any thread, under the lock,
  // so that it may only pass the word on.
  void when_webhooks_change(std::function<void()> tell) { webhooks_changed_ = std::move(tell); }
  control_outcome put_sink(const boost::json::value& description);
  control_outcome subscribe(const boost::json::value& subscription);
  control_outcome send_events(const boost::json::value& order, real_time now);
  void remove_sinks();
  boost::json::value deliveries();
  void forget_deliveries();
  due_webhooks take_webhooks(real_time now);
  void webhook_answered(std::uint64_t id, unsigned status, std::string_view error, real_time now);

private:
  struct verdict;
  verdict judge(const arrival& arrived, const request_facts& request, sim_time now);
  verdict judge_list(const arrival& arrived, const request_facts& request, sim_time now);
  answer error_answer(int code, std::string_view detail) const;
  answer resource_answer(resource what, std::string_view target, const verdict& found) const;
  answer stream_answer(const arrival& arrived, const request_facts& request, sim_time now);  // under the lock
  answer token_answer(const request_facts& request, sim_time now);                           // under the lock
  std::string add_sink(sink made);
  std::string add_subscription(std::string_view sink_sid, const std::vector<std::string>& types);
  answer records_answer(std::variant<std::string, refused_parameter> written) const;
  void apply(const fault_action& action, const arrival& arrived, const verdict& found, reply& out) const;

  const std::uint64_t seed_;
  connection_counts connections_;
  std::atomic<bool> held_{false};
  std::function<void()> webhooks_changed_ = [] {};  // set before there is a second thread

  std::mutex mutex_;  // protects everything below
  simulated_clock clock_;
  account_directory accounts_;
  token_issuer tokens_;
  call_registry calls_;
  std::map<std::string, voice_settings> settings_;  // by account
  event_schedule schedule_;
  webhook_queue webhooks_;
  std::size_t sinks_made_ = 0, subscriptions_made_ = 0;
  fault_script faults_;
  request_log log_;
  latency_model latency_;
  dice chance_;
  std::size_t limit_;
  std::uint64_t requests_ = 0, in_flight_ = 0, max_in_flight_ = 0, throttled_ = 0;
};

}  // namespace simulator
