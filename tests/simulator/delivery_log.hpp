#pragma once
// What was sent to the sinks and what they answered: the last 10,000 attempts, for tests to look at.
// Thread rule: guarded by its owner's lock.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "clock.hpp"
#include "event_signature.hpp"

namespace simulator {

struct delivery_labels {
  std::vector<std::string> types, ids, call_sids;  // of its events

  void add(const boost::json::object& event);
};

struct logged_delivery {
  std::string sink_sid;
  signed_url to;
  delivery_labels labels;
  unsigned attempt = 1;
  sim_time at;
  unsigned status = 0;  // 0: no answer, or none yet
  std::string error;
};

class delivery_log {
public:
  static constexpr std::size_t capacity = 10'000;

  std::uint64_t add(logged_delivery attempt);  // its id, unique for ever
  void answered(std::uint64_t id, unsigned status, std::string_view error);
  void clear();
  boost::json::object list() const;

  std::uint64_t attempts() const { return attempts_; }
  std::uint64_t accepted() const { return accepted_; }

private:
  std::deque<logged_delivery> entries_;
  std::uint64_t next_id_ = 1;
  std::uint64_t attempts_ = 0, accepted_ = 0;  // since clear()
};

}  // namespace simulator
