#pragma once
// What the simulator was asked: the last 10,000 requests with the answer each got, kept in memory for tests to look at.
// Thread rule: guarded by its owner's lock.
#include <boost/json/value.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

struct connection_facts {
  std::uint64_t number = 0;
  std::string sni, tls_version;
  bool resumed = false;
};

struct logged_request {
  std::shared_ptr<const connection_facts> connection;
  std::string method, target, call_sid, user;
  std::optional<std::string> processing_state;
  std::string header_lines;  // "Name: value\n" as received, without Authorization; taken apart only when somebody looks
  unsigned status = 0;       // 0: not answered yet
  std::optional<int> code;
};

class request_log {
public:
  static constexpr std::size_t capacity = 10'000;

  std::uint64_t add(logged_request request);  // its id, unique for ever
  void answered(std::uint64_t id, unsigned status, std::optional<int> code);
  void clear();
  boost::json::value list(std::optional<std::string_view> call_sid) const;

private:
  std::deque<logged_request> entries_;
  std::uint64_t next_id_ = 0;     // never reset, so that an answer from before clear() finds nothing
  std::uint64_t cleared_at_ = 0;  // the shown number is id - cleared_at_ + 1
};

}  // namespace simulator
