// One request and its answer on a client connection, as session and service share them: the request, and where the answer goes.
// Thread rule: belongs to one session.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/auth/client.hpp"
#include "core/reply/reply.hpp"
#include "core/request/head.hpp"
#include "core/request/route.hpp"
#include "core/telemetry/request_record.hpp"
#include "io/runtime/presence.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

// For a connection whose listener is never removed.
inline constexpr bool never_removed = false;

struct exchange {
  // The first byte of the request arrived at `begun`, its last one at `whole`. `request`: null if no request could be read; it must stay
  // valid until the answer is given. `answer`: the text that the answer is appended to. `listener_removed`: may become true at any time.
  exchange(worker& where, client& who, mono_time begun, mono_time whole, const request_head* request, std::string& answer,
           const bool& listener_removed = never_removed)
      : at(where), from(who), head(request), out(answer), now(whole), record(), listener_removed_(listener_removed) {
    if (head != nullptr) path = parse_route(head->path);
    record.listener = who.listener;
    record.hops = hop_ledger{hop::read, begun};
    record.hops.enter(hop::lookup, whole);
  }

  worker& at;
  client& from;                    // the other end of the connection
  const request_head* const head;  // null: none could be read
  route path;                      // the resource that the head's path names
  std::string& out;                // the answer is appended here
  mono_time now;                   // when the service was last called
  request_record record;
  bool close = false;                     // the connection ends after this answer
  mono_time deadline = mono_time::max();  // of the whole request: from its first byte to the last byte of its answer
  presence reader;                        // whether the client is still connected while it waits
  std::string_view public_url;            // how clients reach the listener; "" = as they write in Host
  bool is_secured = false;                // the connection has TLS
  std::chrono::seconds applied_wait{0};   // the preference to wait that was applied; 0: none
  std::shared_ptr<const void> memory;     // counts for the answer until it has been written
  std::string rate_limit;                 // RateLimit fields of this answer, if clients have a limit

  // No further request is accepted on this connection.
  [[nodiscard]] bool is_last() const { return at.gives_last_answers() || listener_removed_; }  // defence: listener-parting

  // The fields that every answer has. The date's view is valid until the next request of this worker: use it at once.
  reply_context reply() {
    close = close || is_last();
    if (record.request_id.empty()) {
      bool const brought = head != nullptr && is_sane_request_id(head->request_id);
      record.request_id = brought ? head->request_id : at.ids.next();  // defence: request-id
    }
    reply_context context;
    context.date = at.date.at(now);
    context.request_id = record.request_id.view();
    context.close = close;
    context.rate_limit = rate_limit;
    context.applied_wait = applied_wait;
    if (head != nullptr) {
      context.head_only = head->method == "HEAD";
      context.keep_alive_1_0 = head->http_1_0 && !close;
      context.if_none_match = head->if_none_match;
      context.accept_encoding = head->accept_encoding;
    }
    return context;
  }

private:
  const bool& listener_removed_;
};

}  // namespace gateway
