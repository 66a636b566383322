// One client connection from its first byte to its last: reads request heads, has a service answer them in order, and writes the answers.
// All complete requests in the buffer are answered in one write (at most limits.max_pipelined of them). Nothing is read while a request
// waits for its answer, so a client can occupy at most one receive buffer, one bounded content and one batch.
// Thread rule: a session, its stream and its buffers never leave their worker. `Service` is a template parameter (app/ provides it):
//   using pending = …;                             what an answer that must wait needs to know
//   std::optional<pending> answer_now(exchange&);  nothing: the answer is given
//   task<void> answer_later(pending, exchange&);
//   void refuse(fault, exchange&);                 no request could be read
//   void answered(exchange&);                      its answer is complete
//   void account(worker&, const request_record&);  its answer has been written
#pragma once

#include <memory>
#include <vector>

#include "core/auth/proxied_client.hpp"
#include "core/request/content.hpp"
#include "core/request/head.hpp"
#include "core/settings/settings.hpp"
#include "io/net/connection_guard.hpp"
#include "io/net/exchange.hpp"
#include "io/net/receive_buffer.hpp"
#include "io/net/tls_peer.hpp"
#include "io/runtime/tls_stream.hpp"

namespace gateway {

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

  // A request whose content is still arriving. It is rare, so it is allocated separately; the views of `head` point into `head_bytes`.
  struct incoming {
    incoming(std::string_view bytes, const content_framing& framed, std::size_t max_bytes) : head_bytes(bytes), reader(framed, max_bytes) {}
    std::string head_bytes;
    request_head head;
    content_reader reader;
    bool continue_said = false;
  };

  static constexpr std::size_t max_batch = 64 * 1024;  // of pipelined answers in one write
  static constexpr std::size_t max_discarded = 256 * 1024;
  static constexpr std::chrono::seconds linger{2};

  task<bool> shake_hands();
  void learn_names(boost::system::result<certificate_names, proof_refusal> names);
  task<void> refuse_plain_http();
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
  task<void> read_to_end(stream_socket& socket);

  Stream stream_;
  client from_;
  worker& at_;
  const limit_settings& limits_;   // may change between two steps of the worker
  const head_limits head_limits_;  // fixed: the buffer is sized for them
  Service& service_;
  const connection_terms& terms_;
  connection_guard<Stream> guard_;
  receive_buffer in_;
  std::size_t looked_at_ = 0;    // bytes already scanned of the incomplete head
  std::size_t empty_lines_ = 0;  // bytes of empty lines skipped before it
  std::string out_;
  std::vector<request_record> unwritten_;        // answers in out_, not yet accounted for
  std::shared_ptr<const void> memory_;           // counts for out_; one is enough, since a large answer ends its batch
  std::size_t their_bytes_ = 0;                  // the bytes of out_ that belong to them
  mono_time now_{};                              // when the session last did something
  mono_time begun_{};                            // when the first byte of the request in in_ arrived
  mono_time head_deadline_{};                    // when the request in in_ must be complete
  mono_time request_deadline_{};                 // when its answer must be written
  mono_time write_deadline_ = mono_time::max();  // the same for the oldest answer in out_

  // The request being answered; its views point into in_, or into incoming_.
  request_head head_;
  std::unique_ptr<incoming> incoming_;
  std::size_t head_size_ = 0;
  std::optional<exchange> exchange_;
  std::optional<typename Service::pending> pending_;
};

// `terms` must outlive the connection.
template <class Stream, class Service>
task<void> serve(Stream stream, client from, worker& at, const limit_settings& limits, Service& service,
                 const connection_terms& terms = no_terms) {
  session<Stream, Service> one{std::move(stream), std::move(from), at, limits, service, terms};
  co_await one.run();
  wipe_stack();
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
