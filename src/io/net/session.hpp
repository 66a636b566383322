// One client connection from its first byte to its last: reads request heads, lets a service answer them in order, writes.
// All requests that are complete in the buffer are answered into one write (at most limits.max_pipelined of them); nothing is read
// while an answer is being waited for, so what a client can make us hold is one receive buffer, one bounded content and one batch.
// Thread rule: a session, its stream and its buffers never leave their worker. `Service` is known by shape only (app/ provides it):
//   using wanted = …;                                                        what an answer that must wait needs to know
//   std::optional<wanted> answer_now(const request_head&, exchange&, std::string& out);   nothing: answered
//   task<void> answer_later(wanted, const request_head&, exchange&, std::string& out);
//   void refuse(fault, exchange&, std::string& out);
//   void account(worker&, const request_record&);
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <memory>
#include <vector>

#include "core/auth/proxied_client.hpp"
#include "core/request/content.hpp"
#include "core/request/head.hpp"
#include "core/settings/settings.hpp"
#include "io/net/connection_slots.hpp"
#include "io/net/exchange.hpp"
#include "io/net/receive_buffer.hpp"
#include "io/net/tls_peer.hpp"
#include "io/runtime/tls_stream.hpp"

namespace gateway {

// What a connection has from its listener, which outlives it.
struct connection_terms {
  const bool& leaving = never_leaves;       // true from when the listener is taken away
  connection_slot* place = nullptr;         // which it may have to give up
  const forwarding_proxy* proxy = nullptr;  // it is one: each request may be another client's
};
inline const connection_terms no_terms;

// Closes a connection whose peer is too slow, which is idle when the process wants to end, or whose place is needed.
template <class Stream>
class connection_guard final : public timed {
public:
  connection_guard(worker& at, Stream& stream, const connection_terms& terms)
      : timed(at.deadlines), at_(at), stream_(stream), terms_(terms) {
    if (terms_.place != nullptr) terms_.place->held_by(this);
  }
  ~connection_guard() override {
    if (terms_.place != nullptr) terms_.place->held_by(nullptr);
  }

  // Nothing more is begun on this connection: the process ends, its listener has been taken away, or its place.
  [[nodiscard]] bool is_ending() const { return at_.draining || terms_.leaving || gave_way(); }
  [[nodiscard]] bool gave_way() const { return terms_.place != nullptr && terms_.place->is_given_up(); }

  // A request is whole: its connection stays until it is finished, which is when its answer is written, or begins to wait for its reader.
  void answering() {
    if (terms_.place != nullptr) terms_.place->answering();
  }
  void finished(mono_time now) {
    if (terms_.place != nullptr) terms_.place->finished(now);
  }

  bool idle = false;    // nothing of a request has come
  mono_time since{};    // when it became idle
  bool served = false;  // an answer has been given: the client knows that the connection may close
  bool ended = false;   // by on_drain: a request that comes at this moment must meet the end of the stream, not a reset

  // An idle connection may wait until `end`. After a moment it gives back what it needs only while something happens.
  void wait_idle(mono_time end) {
    idle_until_ = end;
    deadline = can_rest ? std::min(end, since + rest_after) : end;
    is_to_rest_ = deadline < end;
  }
  // Whoever waits for an answer is looked after now and then: a client that has gone need not be waited for. Null: nobody waits.
  void watch_reader(presence* who) {
    reader_ = who;
    deadline = who == nullptr ? never : mono_now() + look_every;
  }
  void on_deadline() override {
    if (reader_ != nullptr && looked_at_ + look_every / 2 < mono_now()) {
      looked_at_ = mono_now();
      deadline = looked_at_ + look_every;
      if (has_ended_its_half()) reader_->end();
      return;
    }
    if constexpr (can_rest) {
      if (idle && std::exchange(is_to_rest_, false)) {
        deadline = idle_until_;
        stream_.rest();
        return;
      }
    }
    at_.counters.connection_deadlines.add();
    close();
  }
  // Not asked while an answer is being made. A request that has come, and only waits to be read, is not lost.
  bool make_room() override {
    if (idle && has_input()) return false;
    stop_reading();
    return true;
  }
  void on_drain() override {
    if (!idle || !is_ending()) return;
    if (!served || has_input()) {
      // A request has come, or is about to: from a client that has only just connected.
      deadline = std::min(deadline, mono_now() + last_call);
      is_to_rest_ = false;
    } else {
      ended = true;
      stop_reading();
    }
  }
  // Bytes that have come but were not read.
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
  // Not close(): a read that is already done, with its handler still in the queue, must be answered.
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

private:
  static constexpr bool can_rest = requires(Stream one) { one.rest(); };
  static constexpr std::chrono::seconds last_call{1};
  static constexpr std::chrono::milliseconds rest_after{100};
  static constexpr std::chrono::milliseconds look_every{500};

  worker& at_;
  Stream& stream_;
  const connection_terms& terms_;
  presence* reader_ = nullptr;  // who waits for an answer
  mono_time looked_at_{};       // after it
  mono_time idle_until_{};
  bool is_to_rest_ = false;  // before idle_until_
};

template <class Stream, class Service>
class session {
public:
  session(Stream stream, client from, worker& at, const limit_settings& limits, Service& service, const connection_terms& terms)
      : stream_(std::move(stream)),
        from_(std::move(from)),
        at_(at),
        limits_(limits),
        head_limits_(limits.head),
        service_(service),
        terms_(terms),
        guard_(at, stream_, terms),
        in_(head_limits_.max_bytes) {}

  session(const session&) = delete;
  session& operator=(const session&) = delete;

  task<void> run();

private:
  enum class next { read_more, wait, write_first, close };
  static constexpr bool is_secured = std::is_same_v<Stream, tls_stream>;

  // A request whose content is still coming. Rare, so it has a place of its own; the views of `head` point into `head_bytes`.
  struct incoming {
    incoming(std::string_view bytes, const content_framing& framed, std::size_t max_bytes) : head_bytes(bytes), reader(framed, max_bytes) {}
    std::string head_bytes;
    request_head head;
    content_reader reader;
    bool continue_said = false;
  };

  static constexpr std::size_t max_batch = 64 * 1024;  // of pipelined answers before they are written
  static constexpr std::size_t max_discarded = 256 * 1024;
  static constexpr std::chrono::seconds linger{2};

  task<bool> shake_hands();
  bool prepare_to_read();
  void received(std::size_t size);
  void begin_request();
  next answer_buffered();
  bool take_head();
  bool take_content();
  void refuse(fault why);
  void answered();
  task<void> wait_for_answer();
  std::size_t write_at_once();
  task<bool> write_rest(std::size_t sent);
  void written();
  task<void> close_gently();

  Stream stream_;
  client from_;
  worker& at_;
  const limit_settings& limits_;   // may change between two steps
  const head_limits head_limits_;  // do not: the buffer is made for them
  Service& service_;
  const connection_terms& terms_;
  connection_guard<Stream> guard_;
  receive_buffer in_;
  std::size_t looked_at_ = 0;    // of the head that is still incomplete
  std::size_t empty_lines_ = 0;  // bytes of them skipped before it
  std::string out_;
  std::vector<request_record> unwritten_;        // answered, in out_, not yet accounted for
  std::size_t their_bytes_ = 0;                  // of out_, theirs
  mono_time now_{};                              // when something last happened
  mono_time begun_{};                            // when the first byte of the request in in_ came
  mono_time head_deadline_{};                    // when the request in in_ must be whole
  mono_time request_deadline_{};                 // when its answer must be written
  mono_time write_deadline_ = mono_time::max();  // the same of the oldest answer in out_

  // The request that is being answered; its views point into in_, or into incoming_.
  request_head head_;
  std::unique_ptr<incoming> incoming_;
  std::size_t head_size_ = 0;
  std::optional<exchange> exchange_;
  std::optional<typename Service::wanted> wanted_;
};

// `terms` outlive the connection.
template <class Stream, class Service>
task<void> serve(Stream stream, client from, worker& at, const limit_settings& limits, Service& service,
                 const connection_terms& terms = no_terms) {
  session<Stream, Service> one{std::move(stream), std::move(from), at, limits, service, terms};
  co_await one.run();
}

template <class Service>
task<void> serve_secured(stream_socket socket, asio::ssl::context& context, client from, worker& at, const limit_settings& limits,
                         Service& service, const connection_terms& terms = no_terms) {
  int const descriptor = socket.native_handle();
  tls_stream stream{std::move(socket), context, tls_stream::side::server};
  message_watch const watch{stream.native_handle(), descriptor};
  co_await serve(std::move(stream), std::move(from), at, limits, service, terms);
}

}  // namespace gateway

#include "io/net/session.ipp"
