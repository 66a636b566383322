// Closes a connection whose peer is too slow, that is idle when the process or its listener ends, or whose slot another connection needs.
//
//   fresh ──first byte──▶ first_request ──answer──▶ request ──answers written──▶ idle ──first byte──▶ request
//   fresh, idle ──the process or the listener ends──▶ ended          any ──deadline──▶ closed
//
// Thread rule: belongs to the connection's worker.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "core/auth/proxied_client.hpp"
#include "io/net/connection_slots.hpp"
#include "io/net/exchange.hpp"
#include "io/runtime/presence.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

// What a listener gives to its connections; it outlives them.
struct connection_terms {
  const bool& listener_removed = never_removed;
  connection_slot* slot = nullptr;                     // the connection may have to give it up
  const forwarding_proxy* proxy = nullptr;             // the peer is a trusted proxy: each request may come from another client
  const std::atomic<bool>* trust_withdrawn = nullptr;  // other authorities verify client certificates now
  std::string_view public_url{};                       // how clients reach the listener
  const span* trust_grace = nullptr;                   // set: an idle connection notices within this time that its trust was withdrawn
};
inline const connection_terms no_terms;

enum class connection_state : std::uint8_t {
  fresh,          // nothing has been received yet
  first_request,  // being read or answered; no answer has been given on this connection yet
  request,        // being read, answered or written
  idle,           // between requests: the client knows that the connection may close
  ended,          // closed for reading while it was idle
};

template <class Stream>
class connection_guard final : public timed {
public:
  connection_guard(worker& at, Stream& stream, const connection_terms& terms)
      : timed(at.deadlines), at_(at), stream_(stream), terms_(terms) {
    if (terms_.slot != nullptr) terms_.slot->held_by(this);
  }
  ~connection_guard() override {
    if (terms_.slot != nullptr) terms_.slot->held_by(nullptr);
  }

  // No further request may start on this connection.
  // defence: listener-ending
  [[nodiscard]] bool must_end() const { return at_.is_draining() || terms_.listener_removed || lost_slot() || lost_trust(); }
  [[nodiscard]] bool lost_slot() const { return terms_.slot != nullptr && terms_.slot->is_given_up(); }
  [[nodiscard]] bool lost_trust() const {
    return terms_.trust_withdrawn != nullptr && terms_.trust_withdrawn->load(std::memory_order_relaxed);
  }
  [[nodiscard]] bool is_idle() const { return state_ == connection_state::fresh || state_ == connection_state::idle; }
  // The next byte starts a request; it may arrive even after the end.
  [[nodiscard]] bool awaits_request() const { return is_idle() || has_ended(); }
  [[nodiscard]] bool has_ended() const { return state_ == connection_state::ended; }

  // Before the first request: a TLS handshake or a PROXY header must be complete by `end`.
  void await_opening(mono_time end) {
    set_deadline(end);
    if (must_end()) on_drain();
  }
  // The next request may start until `end`. After a short idle time the stream frees the buffers that only an active connection needs.
  // False if the caller need not wait for a request.
  bool await_request(mono_time now, mono_time end) {
    if (state_ != connection_state::fresh && state_ != connection_state::idle)
      state_ = state_ == connection_state::request ? connection_state::idle : connection_state::fresh;
    bool const rests = can_rest && now + rest_after < end;
    set_deadline(rests ? now + rest_after : end);
    rest_until_ = rests ? end : no_rest;
    if (!must_end()) return true;
    if (state_ == connection_state::idle && !has_input()) return false;
    on_drain();
    return true;
  }
  void request_begins() { state_ = state_ == connection_state::fresh ? connection_state::first_request : connection_state::request; }
  void request_is_answered() { state_ = connection_state::request; }
  // Answers wait for the client to read them.
  void answers_wait(bool wait) { writing_ = wait; }

  // The connection closes; the client may read our last answer until `end`.
  void linger(mono_time end) {
    state_ = connection_state::ended;
    set_deadline(end);
  }

  // The whole request has been received. Its slot stays until the request is finished: until its answer is written, or has to wait for the
  // client to read it.
  void keep_slot() {
    if (terms_.slot != nullptr) terms_.slot->answering();
  }
  void request_finished(mono_time now) {
    if (terms_.slot != nullptr) terms_.slot->finished(now);
  }
  // While a client waits for its answer, the guard checks at intervals whether it is still connected. The stream frees its buffers at once,
  // so that the next ones of a thousand clients use the same memory. Null: no client waits.
  void watch_client(presence* who) {
    waiting_ = who;
    if constexpr (can_rest) {
      if (who != nullptr) stream_.rest();
    }
    set_deadline(who == nullptr ? never : mono_now() + look_every);
  }

  void on_deadline() override {
    if (waiting_ != nullptr && looked_at_ + look_every / 2 < mono_now()) {
      looked_at_ = mono_now();
      set_deadline(looked_at_ + look_every);
      if (has_ended_its_half()) waiting_->end();
      return;
    }
    if constexpr (can_rest) {
      if (is_idle() && rest_until_ != no_rest) {
        set_deadline(rest_until_);
        stream_.rest();
        if (lost_trust()) return on_drain();  // defence: trust-grace
        if (terms_.trust_grace != nullptr) set_deadline(std::min(rest_until_, mono_now() + *terms_.trust_grace));
        if (deadline() == rest_until_) rest_until_ = no_rest;
        return;
      }
    }
    at_.counters.connection_deadlines.add();
    if (at_.is_cut() && (waiting_ != nullptr || writing_)) at_.cut_requests.fetch_add(1, std::memory_order_relaxed);
    close();
  }
  // Not called while an answer is being made. A request that has been received but not read yet is not lost.
  bool make_room() override {
    if (is_idle() && has_input()) return false;  // defence: unread-input-kept
    stop_reading();
    return true;
  }
  void on_drain() override {
    if (!is_idle() || !must_end()) return;
    if (state_ == connection_state::fresh || has_input()) {
      // A request has arrived, or is about to: the client has only just connected.
      set_deadline(std::min(deadline(), mono_now() + last_call));
      rest_until_ = no_rest;
    } else {
      state_ = connection_state::ended;
      stop_reading();
    }
  }

private:
  static constexpr bool can_rest = requires(Stream one) { one.rest(); };
  static constexpr mono_time no_rest{};
  static constexpr std::chrono::seconds last_call{1};
  static constexpr std::chrono::milliseconds rest_after{100};
  static constexpr std::chrono::milliseconds look_every{500};

  // Whether bytes have arrived that were not read.
  [[nodiscard]] bool has_input() {
    if constexpr (requires { stream_.lowest_layer().native_handle(); }) {
      char byte{};
      return ::recv(stream_.lowest_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
    }
    return false;
  }
  [[nodiscard]] bool has_ended_its_half() {
    if constexpr (requires { stream_.lowest_layer().native_handle(); }) {
      pollfd look{stream_.lowest_layer().native_handle(), POLLRDHUP, 0};
      return ::poll(&look, 1, 0) > 0;
    }
    return false;
  }
  // Not close(): a read may have completed with its handler still in the queue, and its request must be answered.
  void stop_reading() {
    if constexpr (requires(error_code error) { stream_.lowest_layer().cancel(error); }) {
      error_code ignored;
      stream_.lowest_layer().cancel(ignored);
    } else {
      stream_.close();
    }
  }
  void close() {
    if constexpr (requires { stream_.lowest_layer(); }) {
      error_code ignored;  // closing cannot fail in a way that matters
      stream_.lowest_layer().close(ignored);
    } else {
      stream_.close();
    }
  }

  worker& at_;
  Stream& stream_;
  const connection_terms& terms_;
  connection_state state_ = connection_state::fresh;
  presence* waiting_ = nullptr;     // the client that waits for an answer
  bool writing_ = false;            // whole answers, or the rest of one
  mono_time looked_at_{};           // when the client was last checked
  mono_time rest_until_ = no_rest;  // the end of an idle connection that is looked at before; no_rest: it is not looked at again
};

}  // namespace gateway
