// What the floors answer with: whole responses, made before the first request. `one_body` has one for all requests; `body_per_key` has one
// for each call, in memory of its own, and picks it by the request's CallSid.
// Both have: `debt`, what a connection is owed; note(), which adds to it what a request is owed; send(), which pays, 0 or less as send().
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "channel.hpp"
#include "summary_requests.hpp"

namespace load {

inline constexpr std::size_t most_in_one_send = 16;  // responses: a pipelining client gets that many at once

// As many header bytes as a real hit carries: the kernel's share of the work must be the same for everybody.
inline std::string make_response(std::string_view call, std::size_t body_bytes) {
  std::string body = R"({"call_sid":")";
  body.append(call).append(R"(","processing_state":"complete","annotation":{"comment":")");
  const std::string_view end = R"("}})";
  body.append(body_bytes - body.size() - end.size(), 'x').append(end);
  return "HTTP/1.1 200 OK\r\n"
         "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
         "Content-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body_bytes) +
         "\r\n"
         "ETag: \"0123456789abcdef0123456789abcdef\"\r\n"
         "Age: 60\r\n"
         "Vary: Authorization, Accept-Encoding\r\n"
         "Cache-Control: private, no-cache\r\n"
         "Cache-Status: bench-floor; hit; ttl=3540\r\n"
         "X-Request-Id: 0123456789abcdef0123456789abcdef\r\n"
         "X-Origin-Twilio-Request-Id: RQ0123456789abcdef0123456789abcdef\r\n"
         "Access-Control-Allow-Origin: *\r\n"
         "Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n"
         "Access-Control-Allow-Headers: Accept, Authorization, Content-Type, If-Match\r\n"
         "Access-Control-Allow-Credentials: true\r\n"
         "Access-Control-Expose-Headers: ETag\r\n"
         "\r\n" +
         body;
}

class one_body {
public:
  explicit one_body(std::size_t body_bytes) : response_(make_response("CA", body_bytes)) {
    for (std::size_t copy = 0; copy < most_in_one_send; ++copy) repeated_ += response_;
  }

  // Bytes; their position follows from their number, since all responses are equal.
  class debt {
  public:
    [[nodiscard]] bool is_paid() const { return bytes_ == 0; }

  private:
    friend one_body;
    std::size_t bytes_ = 0;
  };

  bool note(debt& owed, std::string_view /*request*/) const {
    owed.bytes_ += response_.size();
    return true;
  }

  ssize_t send(tool::channel& to, debt& owed) const {
    const std::size_t left_of_one = owed.bytes_ % response_.size();
    const std::size_t position = left_of_one == 0 ? 0 : response_.size() - left_of_one;
    const ssize_t sent = to.send({repeated_.data() + position, std::min(owed.bytes_, repeated_.size() - position)});
    if (sent > 0) owed.bytes_ -= static_cast<std::size_t>(sent);
    return sent;
  }

private:
  const std::string response_;
  std::string repeated_;
};

class body_per_key {
public:
  body_per_key(const std::vector<sid>& calls, std::size_t body_bytes)
      : places_(std::bit_ceil(2 * calls.size())), mask_(places_.size() - 1) {
    responses_.reserve(calls.size());
    for (const auto& call : calls) {
      responses_.push_back(make_response({call.data(), call.size()}, body_bytes));
      place_of(call.data()) = {call, responses_.back()};
    }
  }

  class debt {
  public:
    [[nodiscard]] bool is_paid() const { return next_ == responses_.size(); }

  private:
    friend body_per_key;
    std::vector<std::string_view> responses_;
    std::size_t next_ = 0;
    std::size_t sent_of_it_ = 0;
  };

  // False: nobody prepared an answer for that call.
  bool note(debt& owed, std::string_view request) {
    if (request.size() < before_sid.size() + sid_size) return false;
    const place& found = place_of(request.data() + before_sid.size());
    if (found.response.empty()) return false;
    owed.responses_.push_back(found.response);
    return true;
  }

  static ssize_t send(tool::channel& to, debt& owed) {
    std::array<iovec, most_in_one_send> pieces{};
    std::size_t count = 0;
    for (std::size_t at = owed.next_; at < owed.responses_.size() && count < pieces.size(); ++at) {
      auto left = owed.responses_[at];
      if (count == 0) left.remove_prefix(owed.sent_of_it_);
      pieces[count++] = {const_cast<char*>(left.data()), left.size()};
    }
    const ssize_t sent = to.send_gathered({pieces.data(), count});
    if (sent > 0) take(owed, static_cast<std::size_t>(sent));
    return sent;
  }

private:
  // In one cache line, so that a probe waits for memory once.
  struct alignas(64) place {
    sid call{};
    std::string_view response;  // empty: the place is free
  };

  // Four steps, one for each eight digits.
  static std::uint64_t hash_of(const char* call) {
    std::uint64_t hash = 0;
    for (std::size_t at = 2; at < sid_size; at += sizeof hash) {
      std::uint64_t digits = 0;
      std::memcpy(&digits, call + at, sizeof digits);
      hash = (hash ^ digits) * 0x9e3779b97f4a7c15U;
      hash ^= hash >> 32U;
    }
    return hash;
  }

  // Where that call is, or else the free place where it would be.
  place& place_of(const char* call) {
    std::size_t at = hash_of(call) & mask_;
    while (!places_[at].response.empty() && std::memcmp(places_[at].call.data(), call, sid_size) != 0) at = (at + 1) & mask_;
    return places_[at];
  }

  static void take(debt& owed, std::size_t sent) {
    sent += owed.sent_of_it_;
    while (!owed.is_paid() && sent >= owed.responses_[owed.next_].size()) sent -= owed.responses_[owed.next_++].size();
    owed.sent_of_it_ = sent;
    if (!owed.is_paid()) return;
    owed.responses_.clear();
    owed.next_ = 0;
  }

  std::vector<std::string> responses_;
  std::vector<place> places_;  // half of them are free at least
  const std::size_t mask_;
};

}  // namespace load
