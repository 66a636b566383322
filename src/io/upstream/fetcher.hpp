// Gets one answer from the upstream: over an idle connection if there is a usable one, else over a new one. It repeats the exchange once if
// a reused connection turns out to be dead or ends with a 408, or if the network does not deliver its bytes.
// Thread rule: belongs to its worker.
#pragma once

#include "core/limit/circuit.hpp"
#include "core/upstream/request.hpp"
#include "io/upstream/connector.hpp"
#include "io/upstream/pool.hpp"
#include "io/upstream/upstream_network.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

struct fetched {
  exchange_result result;
  bool connected = false;  // the last attempt had a connection
  unsigned repetitions = 0;
  std::unique_ptr<upstream_connection> connection;  // return it with keep() once the answer was judged sound; dropping it closes it
};

// A source of upstream answers.
class answer_source {
public:
  answer_source() = default;
  answer_source(const answer_source&) = delete;
  answer_source& operator=(const answer_source&) = delete;
  virtual ~answer_source() = default;

  // Ends by the deadline. `room`: for a body beyond upstream.max_body_bytes; null: there is none.
  virtual task<fetched> fetch(const secret& request, exchange_kind kind, exchange_deadline deadline, answer_room* room,
                              hop_ledger& hops) = 0;
  virtual void keep(std::unique_ptr<upstream_connection> used) = 0;
  [[nodiscard]] virtual const std::string& host_field() const = 0;
};

class fetcher final : public answer_source {
public:
  // `through`: the egress proxy that the settings name, or null.
  fetcher(worker& at, const upstream_settings& settings, std::size_t max_idle, const origin& where, std::shared_ptr<client_tls> tls,
          upstream_permits& permits, upstream_network& network, std::shared_ptr<const egress_proxy> through = nullptr);

  task<fetched> fetch(const secret& request, exchange_kind kind, exchange_deadline deadline, answer_room* room, hop_ledger& hops) override;
  void keep(std::unique_ptr<upstream_connection> used) override;

  [[nodiscard]] const std::string& host_field() const override { return host_field_; }
  // Keeps that many idle connections open, or the number of a later settings_changed(), until the worker drains.
  task<void> keep_warm(std::size_t wanted);
  // Call it after `settings` changed. `tls`: null, or a new one with other trusted authorities; connections that the old one verified are
  // not used again.
  void settings_changed(std::size_t max_idle, std::size_t warm, std::shared_ptr<client_tls> tls);
  void drain() {
    pool_.clear();
    warming_->wake();
  }

  // Read by a scrape.
  [[nodiscard]] std::uint64_t idle_connections() const { return pool_.idle_count(); }

private:
  static constexpr std::chrono::seconds warm_check{1};
  static constexpr std::chrono::milliseconds warm_lookup{250};  // the end of a lane must not wait for a name server
  // `named_by`: until when it may wait for addresses.
  task<connector::opened> open(mono_time named_by, mono_time deadline, hop_ledger& hops);

  worker& at_;
  const upstream_settings& settings_;
  std::string host_field_;
  upstream_permits& permits_;  // accounts for repetitions
  upstream_network& network_;
  connector connector_;
  upstream_pool pool_;
  std::size_t warm_ = 0;  // idle connections to keep open
  std::shared_ptr<sleeper> warming_;
};

}  // namespace gateway
