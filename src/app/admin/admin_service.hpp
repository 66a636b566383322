// The admin listener's answers: health, metrics, cache control. GET changes nothing.
// Thread rule: on the control worker's thread; what it reads of the others is atomic or behind their locks.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/admin/dashboard.hpp"
#include "core/base/secret.hpp"
#include "core/cache/store.hpp"
#include "core/request/summary_request.hpp"
#include "core/telemetry/prometheus.hpp"
#include "io/net/exchange.hpp"

namespace gateway {

// What came of reading the configuration again: nothing was changed if there are problems.
struct reload_outcome {
  std::vector<std::string> changed;  // keys of settings
  std::vector<std::string> problems;
};

class admin_service {
public:
  struct purged {
    std::size_t taken = 0;     // entries, from their readers
    std::uint64_t ticket = 0;  // until it is settled, something of it may be on disk
  };
  // A purge waits for the disk, for a moment; nothing else here does.
  struct pending {
    explicit pending(const purged& what) : done(what) {}
    purged done;
  };

  struct sources {
    std::function<metrics_snapshot()> metrics;
    std::function<metrics_snapshot()> metrics_with_examples;
    std::function<bool()> ready;
    std::function<std::string(std::uint64_t)> stats;  // with the history after this sample
    std::function<purged(const purge_scope&, purge_depth)> purge;
    std::function<bool(std::uint64_t)> is_settled;  // by ticket
    std::function<std::string(const call_sid&, processing_state)> explain;
    std::function<reload_outcome()> reload;
    std::function<std::string(std::chrono::nanoseconds min, std::size_t limit)> slow;
    std::function<std::string()> clients;  // a JSON list
    dashboard page{};
  };
  // `everything`, or only what probes and scrapers want. `token`, which may change: while it is empty none is asked for.
  enum class offer : std::uint8_t { everything, metrics };
  admin_service(const sources& from, const secret& token, offer what = offer::everything) : from_(from), token_(token), offers_(what) {}

  std::optional<pending> answer_now(exchange& one);
  task<void> answer_later(pending what, exchange& one);
  void refuse(fault why, exchange& one);
  void answered(exchange&) {}
  void account(worker&, const request_record&) {}  // requests_total is about the data listeners

  struct answer {
    int status = 200;
    std::string_view type = "application/json";
    std::string body;
    std::string_view fields;
    const static_file* file = nullptr;  // instead of a body
    std::optional<purged> awaits{};     // once that is settled
  };

private:
  // open, page: need no token. Up to scraped: part of offer::metrics.
  enum class access : std::uint8_t { open, scraped, page, reads, changes };
  struct resource {
    std::string_view path;
    access needs;
    answer (admin_service::*give)(const request_head& head);
    std::string_view prose;  // what GET /api says about it
  };
  static const resource resources[];

  answer route(const request_head& head);
  answer livez(const request_head& head);
  answer readyz(const request_head& head);
  answer metrics(const request_head& head);
  answer page(const request_head& head);
  answer index(const request_head& head);
  answer stats(const request_head& head);
  answer explain(const request_head& head);
  answer slow(const request_head& head);
  answer clients(const request_head& head);
  answer purge(const request_head& head);
  answer reload(const request_head& head);
  [[nodiscard]] bool has_token(const request_head& head) const;

  const sources& from_;
  const secret& token_;
  offer offers_;
};

}  // namespace gateway
