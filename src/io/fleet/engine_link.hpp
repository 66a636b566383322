// The link to the fleet's engine: a pipelined connection for scripts, and the feed. It connects again after each loss. Every command has a
// bound: on the time of its reply, on its place in the queue, on the size of the reply. A caller of a link in trouble gets that at once.
// Thread rule: run(), end() and figures() on any thread; the rest belongs to the worker. Only one thread, the worker's, touches
// the connection.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/fleet/engine_error.hpp"
#include "core/fleet/link_health.hpp"
#include "core/telemetry/engine_figures.hpp"
#include "io/fleet/engine.hpp"
#include "io/fleet/engine_detour.hpp"
#include "io/fleet/engine_feed.hpp"

namespace gateway {

class engine_link final : public engine {
public:
  // Commands without a reply, over all callers.
  static constexpr std::size_t max_commands = 1024;
  static constexpr std::size_t max_bytes = 4 * 1024 * 1024;

  static constexpr std::chrono::milliseconds usual_tick{250};

  // `timeout`: for each reply. `channel`: of the feed. `tick`: how often the link looks whether the engine is still there.
  engine_link(worker& at, engine_access how, std::chrono::nanoseconds timeout, std::string channel,
              std::chrono::nanoseconds tick = usual_tick);

  // Both are set before begin() and called on the worker's thread: for each message of the feed, and for each connection that begins.
  void on_message(std::function<void(std::string_view)> take) { feed_.on_message(std::move(take)); }
  void on_connect(std::function<void()> tell) { on_connect_ = std::move(tell); }
  // Before the worker's loop runs.
  void begin();
  // Replies that are under way are still awaited, for a moment.
  void end();

  task<engine_answer> run(executor where, script_call call) override;

  [[nodiscard]] engine_figures figures() const;

private:
  // A command from when it is asked for until its reply.
  struct command {
    command(script_call what, std::shared_ptr<sleeper> who, mono_time at) : call(std::move(what)), waits(std::move(who)), asked(at) {}
    script_call call;
    std::shared_ptr<sleeper> waits;
    engine_answer answer;  // written before the task is woken
    mono_time asked;
    std::size_t bytes = 0;
    bool as_source = false;  // sent as EVAL
    bool late = false;       // its time has passed
    bool done = false;
  };
  // null: a probe.
  struct awaited {
    std::shared_ptr<command> what;
    mono_time sent;
    bool late = false;  // of a probe
  };

  std::shared_ptr<command> admit(script_call& call, std::shared_ptr<sleeper> waits, engine_trouble& why_not);
  void count(engine_trouble how) { commands_[static_cast<std::size_t>(how)].fetch_add(1, std::memory_order_relaxed); }

  // On the worker's thread.
  task<void> keep_connected();
  task<void> read_replies();
  task<void> watch();
  void send(const std::shared_ptr<command>& what);
  void encode(const command& what);
  void send_elsewhere(const std::shared_ptr<command>& what, const engine_address& to);
  void take_from_elsewhere(const std::shared_ptr<command>& what, const engine_address& from, engine_reply* reply);
  void lapse(const std::shared_ptr<command>& what);
  void take(engine_reply reply);
  void finish(command& what, engine_answer answer);
  void connected(const engine_dialler::dialled& opened);
  void note_error(const std::string& reply);
  void lost(const std::string& why);
  void look_for_late(mono_time now);
  void probe(mono_time now);
  void publish();
  // For operators; "": it can be used.
  void tell_why(std::string not_usable);

  worker& at_;
  const std::chrono::nanoseconds timeout_;
  const std::chrono::nanoseconds tick_;
  engine_dialler dialler_;
  engine_feed feed_;
  engine_detour detour_;
  std::function<void()> on_connect_;

  std::shared_ptr<engine_connection> over_;  // null: none
  std::deque<awaited> awaited_;              // in the order in which replies come
  link_health health_;
  std::shared_ptr<sleeper> pause_;
  std::shared_ptr<sleeper> next_tick_;
  std::string encoded_;
  std::array<mono_time, engine_error_count> log_again_{};  // by kind of error
  std::optional<engine_error> logged_;                     // why it cannot be used, in the log; nothing: it can
  std::string eviction_;                                   // of which the log has
  bool probing_ = false;
  bool heard_ = false;                // since the last tick
  std::optional<mono_time> lost_at_;  // while it cannot be used
  bool slow_ = false;                 // left alone by the circuit breaker
  bool refuses_ = false;              // its last reply to a command was an error
  bool ends_ = false;

  // Any thread.
  std::atomic<bool> may_send_{false};
  std::atomic<link_state> state_{link_state::away};
  std::atomic<std::size_t> outstanding_{0};
  std::atomic<std::size_t> outstanding_bytes_{0};
  std::array<std::atomic<std::uint64_t>, engine_trouble_count> commands_{};
  histogram answered_;
  mutable std::mutex mutex_;
  std::string why_not_;  // protected by mutex_
};

}  // namespace gateway
