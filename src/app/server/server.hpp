// Builds the gateway from settings, starts it, and ends it in order. One control worker (signals, admin listener) runs on the calling
// thread, and one worker per core serves the data listeners.
// Thread rule: made and run on the main thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/admin/control_listener.hpp"
#include "app/admin/span_exporter.hpp"
#include "app/request/data_service.hpp"
#include "app/server/access_watch.hpp"
#include "app/server/admin_watch.hpp"
#include "app/server/certificate_watch.hpp"
#include "app/server/data_listeners.hpp"
#include "app/server/erasure_desk.hpp"
#include "app/server/event_listener.hpp"
#include "app/server/fleet_member.hpp"
#include "app/server/lever_desk.hpp"
#include "app/server/logbook_watch.hpp"
#include "app/server/reload_files.hpp"
#include "app/server/served_upstream.hpp"
#include "app/server/shadow_watch.hpp"
#include "app/server/supervisor.hpp"
#include "app/server/token_keeper.hpp"
#include "app/snapshot/snapshot_keeper.hpp"
#include "app/state/shared_state.hpp"
#include "core/telemetry/account_report.hpp"
#include "core/telemetry/client_rates.hpp"
#include "core/telemetry/history.hpp"
#include "core/telemetry/recent_worst.hpp"
#include "io/machine.hpp"
#include "io/net/handover.hpp"
#include "io/net/inherited_sockets.hpp"
#include "io/runtime/access_writer.hpp"
#include "io/runtime/audit_writer.hpp"
#include "io/runtime/file_thread.hpp"
#include "io/runtime/signal_watch.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway {

class lane;

class server : private admin_backend {
public:
  // Throws std::runtime_error if something named by the settings cannot be used.
  // `source`: of the settings, which a reload reads again.
  // `by`: the service manager, if there is one.
  // `succeeds`: a predecessor still serves and will leave its cache as a snapshot.
  server(const settings& values, settings_source source, const supervision& by, bool succeeds, signal_watch& signals);
  ~server() override;
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  // Opens every listener, on its inherited socket if there is one. False and a sentence if one cannot be opened.
  bool bind(inherited_sockets& inherited, std::string& why_not);

  struct ending {
    bool is_whole = true;  // no work was cut, and no snapshot is missing
    bool is_clean = true;  // false: a thread or a look-up hangs, so the server must not be destroyed and the process ends at once
  };
  // Serves until SIGTERM, SIGINT or a successor that serves, then drains. Returns when everything has ended, or has had its time.
  // `serving`: called once.
  ending run(const std::function<void()>& serving);

private:
  // What a reload needs besides the settings. Getting it may fail.
  struct preparation {
    data_listeners::plan listeners;
    std::uint64_t max_connections = 0;
  };

  [[nodiscard]] std::vector<int> listening_descriptors() const;
  // What the admin listener shows and changes.
  [[nodiscard]] bool is_ready() const override { return ready_; }
  [[nodiscard]] metrics_snapshot metrics() const override;
  [[nodiscard]] metrics_snapshot metrics_with_exemplars() const override;
  [[nodiscard]] std::string stats(std::uint64_t after) const override;
  [[nodiscard]] std::string explain(const explain_parameters& wanted) const override;
  [[nodiscard]] std::string slow_requests(const record_filter& wanted, std::size_t limit) const override;
  [[nodiscard]] std::string busiest_clients() const override;
  [[nodiscard]] std::string settings_report() const override;
  [[nodiscard]] std::string fleet_report() const override;
  [[nodiscard]] std::string events(std::uint64_t since) const override;
  [[nodiscard]] std::string audit(std::uint64_t since) const override;
  void note_refusal(const refused_change& what, const operator_trace& asker) override;
  [[nodiscard]] std::string shadow_report() override { return shadow_.report(); }
  purged purge(const purge_scope& what, purge_depth how, const operator_trace& asker) override;
  std::optional<std::uint64_t> erase(const secret& party, const operator_trace& asker) override { return erasures_.erase(party, asker); }
  [[nodiscard]] erasure_view erasure(std::uint64_t number) override { return erasures_.view(number); }
  [[nodiscard]] std::string erasures() override { return erasures_.report(); }
  lever_outcome pull(const lever_order& what, const operator_trace& asker) override { return levers_.pull(what, asker); }
  [[nodiscard]] bool is_settled(std::uint64_t ticket) const override;
  [[nodiscard]] telling told_state(std::uint64_t told) const override;
  task<reload_outcome> reload(operator_trace asker) override;
  void test_alert(const operator_trace& asker) override;

  void prefetch(const call_event& what);
  void announce();
  void report_upstreams() const;
  void start_lanes();
  void take_signal(int signal);
  void allow_time_to_end();
  void begin_drain(std::string_view why);
  void give_way();
  task<void> drain();
  task<void> wait_for(bool (server::*has_ended)() const, mono_time deadline, std::string_view next);
  [[nodiscard]] bool lanes_have_ended() const { return lanes_running_ == 0; }
  [[nodiscard]] bool spans_have_ended() const { return !spans_ || spans_->has_ended(); }
  [[nodiscard]] bool fleet_has_ended() const { return !fleet_ || fleet_->has_ended(); }
  [[nodiscard]] bool snapshots_have_ended() const { return snapshots_.has_ended(); }
  void report_drain(mono_time deadline, std::string_view next);
  void part_with_clients();
  void close_listeners();
  void cut_connections(mono_time latest);
  ending ended();
  void end_control();
  task<void> export_spans();
  task<void> sweep_cache();
  task<void> keep_history();
  void look_at_loops(mono_time due);
  [[nodiscard]] metrics_snapshot own_metrics() const;
  void add_event_figures(metrics_snapshot& to) const;
  [[nodiscard]] served_upstream& find_upstream(std::string_view name) const;
  // Empty if there is only one.
  [[nodiscard]] std::vector<upstream_figures> each_upstream() const;
  // Empty in mode forward.
  [[nodiscard]] std::vector<account_standing> configured_accounts() const;
  [[nodiscard]] std::vector<quota_figures> configured_quotas() const;
  [[nodiscard]] account_report accounts(mono_time now) const;
  [[nodiscard]] bool is_refused(const access_rules& rules, std::uint64_t account) const;
  [[nodiscard]] std::vector<logged_request> recorded(const record_filter& wanted, std::size_t limit) const;
  [[nodiscard]] std::vector<client_row> counted_clients(std::size_t most) const;
  [[nodiscard]] client_standings standings() const;
  void dump() const;
  task<void> reload_by_signal();
  task<std::shared_ptr<reload_files>> read_for_reload();
  reload_outcome try_reload(reload_files& read, const operator_trace& asker);
  preparation prepare(reload_files& read, std::vector<std::string>& problems);
  void take_over(const settings& next, const std::vector<std::string>& changed, reload_files& read, preparation with);
  task<void> watch_files();

  const settings_source source_;
  const std::string host_ = host_name();
  wall_time reloaded_at_{};
  bool reload_failed_ = false;  // the last one
  bool signal_waits_ = false;   // a SIGHUP whose reload has not begun
  worker control_;              // its copy of the settings is the one in force
  std::optional<fleet_keys> fleet_keys_;
  const upstream_keys upstream_keys_;
  shared_state shared_;
  snapshot_keeper snapshots_;
  std::vector<std::unique_ptr<served_upstream>> upstreams_;  // that of the section first
  data_listeners listeners_;
  access_writer access_log_;
  audit_writer audit_log_;
  supervisor supervisor_;
  access_watch access_files_;
  admin_watch operators_;
  certificate_watch admin_certificate_;
  const published_tls plaintext_{std::make_shared<const listener_tls>()};
  token_keeper tokens_;
  connection_limiter data_connections_;
  std::optional<fleet_member> fleet_;                                 // nullopt: the setting fleet is not there
  std::vector<data_listeners::opening> opened_;                       // until lanes accept from them
  std::vector<std::unique_ptr<control_listener>> control_listeners_;  // admin first
  event_effects event_effects_;
  std::optional<event_listener> events_;  // nullopt: the setting events is not there
  std::vector<std::unique_ptr<lane>> lanes_;
  std::unique_ptr<span_exporter> spans_;  // null: tracing is off
  std::unique_ptr<handover> handover_;    // null: the setting handover is empty
  signal_watch& signals_;
  file_thread files_;
  wall_time files_seen_{};                     // when the last look at the files ended
  std::shared_ptr<reload_files> last_reload_;  // what the last one has read, or is still reading
  steady_timer files_timer_;
  steady_timer sweep_timer_;
  steady_timer history_timer_;
  shadow_watch shadow_;
  history history_;
  std::vector<recent_worst> lane_lags_;
  std::size_t asked_lanes_ = 0;  // for their lag, since the start
  recent_worst control_lag_;
  mono_time alert_test_until_ = mono_time::min();
  client_rates rates_;
  logbook_watch logbook_watch_;
  lever_desk levers_;
  erasure_desk erasures_;
  std::shared_ptr<sleeper> part_ended_;  // wakes the drain: a lane, the spans or the snapshot has ended
  std::size_t lanes_running_ = 0;
  mono_time next_progress_{};  // when the drain reports again
  bool ready_ = false;
  bool draining_ = false;
  bool writes_cut_ = false;
  bool successor_serves_ = false;
  double started_at_ = 0;
};

}  // namespace gateway
