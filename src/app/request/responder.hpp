// Turns what is known into the answer of one request: a stored entry, the result of a fetch, a fault, or a preflight. Every answer of the
// data listeners is made here.
// Thread rule: one per worker, used on its thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/cache/freshness.hpp"
#include "io/net/exchange.hpp"
#include "io/upstream/fetch_result.hpp"

namespace gateway {

class responder {
public:
  // A request that was shed may come again when a place could have become free.
  static constexpr std::chrono::seconds retry_when_busy{1};

  explicit responder(worker& at) : at_(at) { settings_changed(); }
  void settings_changed();

  // `detail`: of Cache-Status (RFC 9211), one of our own words.
  void give_stored(const entry& stored, const judgement& judged, std::string_view detail, exchange& one) const;

  // How an answer is described for which the upstream was asked.
  struct description {
    outcome ended = outcome::miss;
    cache_status::way forwarded = cache_status::way::miss;  // why the request went upstream
    bool collapsed = false;                                 // another request went for it
    bool was_write = false;                                 // it has been carried out: no condition holds any more
    bool was_judged = false;                                // its account has been judged, of which a list has many
    std::string_view detail;                                // of Cache-Status
  };
  // What came of a fetch: the upstream's answer, or the fault that stands for it.
  void give_fetched(const fetch_result& result, const description& as, exchange& one) const;

  // A fault for which the upstream was not asked.
  void refuse(fault why, exchange& one, std::chrono::seconds retry_after = retry_when_busy) const;

  // The client may not ask for this.
  void refuse(const missing_right& lacks, exchange& one) const;

  void give_preflight(exchange& one) const;

  // That the process runs, for a health check. It is no request of a client, so it is not counted as one.
  void give_health(exchange& one) const;

private:
  void give_fault(fault why, const fault_detail& detail, const cache_status& status, exchange& one) const;
  // What every answer of the data listeners has: also which page asked, and whether it may read the answer.
  reply_context context_of(exchange& one) const;

  worker& at_;
  std::string keep_alive_;   // fields of each answer after which the connection stays open
  std::string exposed_too_;  // reply_context::exposed_too
};

}  // namespace gateway
