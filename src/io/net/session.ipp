// The steps of session.hpp. Everything that a hit needs is a plain function; only reads and steps that cannot finish at once are awaited.
#pragma once

namespace gateway {

template <class Stream, class Service>
task<void> session<Stream, Service>::run() {
  now_ = mono_now();
  bool const secured = co_await shake_hands();
  if (!secured) co_return;
  auto then = next::read_more;
  while (then != next::close && prepare_to_read()) {
    auto const [error, size] = co_await read_some(stream_, in_.prepare());
    if (error && guard_.has_ended()) break;
    if (error) co_return;
    received(size);
    out_ = at_.output.take();
    bool waited = false;
    do {
      then = answer_buffered();
      if (auto const sent = write_at_once(); sent < out_.size()) {
        waited = true;
        bool const alive = co_await write_rest(sent);
        if (!alive) co_return;
      }
      written();
      if (then == next::wait) {
        // The answer may be long in coming: other connections use the buffer meanwhile.
        at_.output.give_back(std::exchange(out_, {}), std::exchange(waited, true));
        co_await wait_for_answer();
      }
    } while (then == next::wait || then == next::write_first);
    at_.output.give_back(std::move(out_), waited);
  }
  co_await close_gently();
}

template <class Stream, class Service>
task<bool> session<Stream, Service>::shake_hands() {
  if constexpr (is_secured) {
    guard_.await_opening(now_ + limits_.tls_handshake_timeout);  // defence: handshake-deadline
    auto const error = co_await stream_.shake_hands();
    now_ = mono_now();
    auto* const ssl = stream_.native_handle();
    bool const good = !error && !has_expired_certificate(ssl);
    auto const kind = !good ? handshake_kind::failed : SSL_session_reused(ssl) == 1 ? handshake_kind::resumed : handshake_kind::full;
    at_.counters.client_handshakes[static_cast<std::size_t>(kind)].add();
    if (good && !from_.is_proxied) learn_names(names_in_certificate(SSL_get0_peer_certificate(ssl)));
    if (error && speaks_plain_http(error)) co_await refuse_plain_http();
    co_return good;
  }
  co_return true;
}

template <class Stream, class Service>
void session<Stream, Service>::learn_names(boost::system::result<certificate_names, proof_refusal> names) {
  if (!names) {
    from_.refused = names.error();
    return;
  }
  from_.names = std::move(*names);
  if (!from_.names.empty()) from_.name = from_.names.front().shown();
}

// The client hears it in plain HTTP, the only thing that it understands.
template <class Stream, class Service>
task<void> session<Stream, Service>::refuse_plain_http() {
  if constexpr (is_secured) {
    begin_request();
    out_ = at_.output.take();
    refuse(fault::http_on_tls);
    answered();
    guard_.linger(now_ + linger);
    auto& socket = stream_.lowest_layer();
    auto const [error, size] = co_await write_all(socket, asio::buffer(out_));
    written();
    at_.output.give_back(std::move(out_), true);
    if (!error) co_await read_to_end(socket);
  }
}

// A started request must end in time, however slowly its bytes arrive; between requests the idle deadline applies.
// False if the session should stop reading.
template <class Stream, class Service>
bool session<Stream, Service>::prepare_to_read() {
  if (guard_.lost_slot()) return false;                                                           // defence: gives-way-before-more
  if (in_.empty() && !incoming_) return guard_.await_request(now_, now_ + limits_.idle_timeout);  // defence: idle-deadline
  guard_.set_deadline(head_deadline_);                                                            // defence: head-deadline
  return true;
}

template <class Stream, class Service>
void session<Stream, Service>::received(std::size_t size) {
  now_ = mono_now();
  if (guard_.awaits_request()) {
    begin_request();
    guard_.request_begins();
  }
  in_.commit(size);
}

template <class Stream, class Service>
void session<Stream, Service>::begin_request() {
  begun_ = now_;
  head_deadline_ = now_ + limits_.header_timeout;
  request_deadline_ = now_ + limits_.request_timeout;
}

// Answers complete requests in the buffer until one has to wait, the batch is large, or none is left.
template <class Stream, class Service>
typename session<Stream, Service>::next session<Stream, Service>::answer_buffered() {
  while (true) {
    if (exchange_) answered();  // the request that had to wait
    if (exchange_ && exchange_->close) return next::close;
    exchange_.reset();
    if (out_.size() >= max_batch || unwritten_.size() >= limits_.max_pipelined) return next::write_first;  // defence: pipeline-batch
    bool const whole = incoming_ ? take_content() : take_head();
    if (exchange_) continue;  // refused
    if (!whole) return next::read_more;
    if (terms_.proxy != nullptr) terms_.proxy->introduce(from_, head_.fields);
    exchange_.emplace(at_, from_, begun_, now_, &head_, out_, terms_.listener_removed);
    exchange_->public_url = terms_.public_url;
    exchange_->is_secured = is_secured;
    exchange_->close = !head_.keep_alive || guard_.must_end();
    exchange_->deadline = request_deadline_;
    pending_ = service_.answer_now(*exchange_);
    if (pending_) return next::wait;
  }
}

// True if head_ is a complete request; false if more bytes are needed, or if it was refused.
template <class Stream, class Service>
bool session<Stream, Service>::take_head() {
  if (looked_at_ == 0) {
    auto const skipped = leading_empty_lines(in_.view(), empty_lines_);
    empty_lines_ += skipped;
    in_.consume(skipped);
  }
  if (in_.empty()) return false;
  auto const end = find_head_end(in_.view(), looked_at_, head_limits_);  // defence: head-limits-kept
  if (end.is == head_boundary::state::need_more) return false;
  if (end.is == head_boundary::state::refused) return refuse(end.why), false;
  auto const bytes = in_.view().substr(0, end.size);
  auto const head = parse_head(bytes, head_limits_);
  if (!head) return refuse(head.error()), false;
  head_ = *head;
  head_size_ = end.size;
  if (!head_.content_framed) return true;  // defence: content-framed
  // The content needs the buffer, so the head is copied out of it.
  incoming_ = std::make_unique<incoming>(bytes, *head_.content_framed, limits_.max_content_bytes);
  incoming_->head = *parse_head(incoming_->head_bytes, head_limits_);
  in_.consume(end.size);
  head_size_ = 0;
  return take_content();
}

template <class Stream, class Service>
bool session<Stream, Service>::take_content() {
  auto& one = *incoming_;
  bool const begun = !in_.empty();
  auto const taken = one.reader.take(in_.view());
  in_.consume(taken);  // defence: form-consumed
  switch (one.reader.is()) {
    case content_reader::state::refused:
      refuse(one.reader.why());
      return false;
    case content_reader::state::complete:
      head_ = one.head;
      head_.content = one.reader.content();
      return true;
    case content_reader::state::need_more:
      break;
  }
  // RFC 9110 §10.1.1: sent once, and only to a client that waits for it.
  if (one.head.expects_continue && !begun && !std::exchange(one.continue_said, true)) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  return false;
}

// Bytes that cannot be parsed safely get one answer; nothing after them can be trusted.
template <class Stream, class Service>
void session<Stream, Service>::refuse(fault why) {
  if (terms_.proxy != nullptr) terms_.proxy->introduce(from_, {});
  exchange_.emplace(at_, from_, begun_, now_, nullptr, out_, terms_.listener_removed);
  exchange_->close = true;  // defence: refusal-closes
  service_.refuse(why, *exchange_);
  head_size_ = in_.view().size();
}

// The answer to the current request is complete in out_ and will be written.
template <class Stream, class Service>
void session<Stream, Service>::answered() {
  service_.answered(*exchange_);
  now_ = mono_now();
  exchange_->record.hops.enter(hop::write, now_);
  guard_.request_is_answered();
  if (unwritten_.empty()) write_deadline_ = exchange_->deadline;
  exchange_->record.bytes = out_.size() - std::exchange(their_bytes_, out_.size());
  if (exchange_->memory) memory_ = std::move(exchange_->memory);
  unwritten_.push_back(exchange_->record);
  in_.consume(head_size_);
  incoming_.reset();
  looked_at_ = 0;
  empty_lines_ = 0;
  begin_request();  // the next request may already be in the buffer
}

template <class Stream, class Service>
task<void> session<Stream, Service>::wait_for_answer() {
  // The answer has its own deadline.
  guard_.watch_client(&exchange_->reader);
  guard_.keep_slot();  // defence: whole-request-kept
  auto waiting = service_.answer_later(std::move(*pending_), *exchange_);
  pending_.reset();
  co_await std::move(waiting);
  guard_.watch_client(nullptr);
  exchange_->close = exchange_->close || guard_.must_end();
}

// Writes the bytes that the kernel takes without waiting, nearly always all; 0 if the stream cannot do that.
template <class Stream, class Service>
std::size_t session<Stream, Service>::write_at_once() {
  if constexpr (is_secured || std::is_same_v<Stream, stream_socket>) {
    if (out_.empty()) return 0;
    error_code ignored;  // the write that waits will report a real error again
    return stream_.write_some(asio::buffer(out_), ignored);
  }
  return 0;
}

template <class Stream, class Service>
task<bool> session<Stream, Service>::write_rest(std::size_t sent) {
  auto const now = mono_now();
  guard_.set_deadline(std::min(now + limits_.write_timeout, write_deadline_));  // defence: write-deadline
  guard_.answers_wait(true);
  guard_.request_finished(now);
  auto const rest = asio::buffer(out_) + sent;
  auto const [error, size] = co_await write_all(stream_, rest);
  if (error) written();  // an answer that could not be delivered was still made, so it is accounted for
  co_return !error;
}

template <class Stream, class Service>
void session<Stream, Service>::written() {
  guard_.answers_wait(false);
  if (!unwritten_.empty()) guard_.request_finished(now_ = mono_now());
  for (auto& record : unwritten_) {
    record.hops.stop(now_);
    service_.account(at_, record);
  }
  unwritten_.clear();
  their_bytes_ = 0;
  out_.clear();
  if (std::exchange(memory_, nullptr)) std::string{}.swap(out_);  // it no longer counts, so it is no longer held
}

// Lets the client read our last answer: closing with unread input would reset the connection and could destroy it (RFC 9112 §9.6).
template <class Stream, class Service>
task<void> session<Stream, Service>::close_gently() {
  if (guard_.lost_slot()) co_return;
  guard_.linger(mono_now() + linger);
  if constexpr (is_secured) {
    co_await stream_.say_goodbye(max_discarded);
  } else if constexpr (std::is_same_v<Stream, stream_socket>) {
    co_await read_to_end(stream_);
  }
}

template <class Stream, class Service>
task<void> session<Stream, Service>::read_to_end(stream_socket& socket) {
  error_code error;
  socket.shutdown(asio::socket_base::shutdown_send, error);
  for (std::size_t discarded = 0; !error && discarded < max_discarded;) {
    in_.consume(in_.view().size());
    auto const [failed, size] = co_await read_some(socket, in_.prepare());
    error = failed;
    discarded += size;
  }
}

}  // namespace gateway
