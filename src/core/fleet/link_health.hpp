// Whether commands may be sent to the engine now. An engine that owes a late reply gets nothing more, because all replies come in order:
// a request that meets a stalled engine loses fleet.timeout once, and those after it nothing. An engine that is late again and again, and
// in time between, is left alone by a circuit breaker until probes off the path of requests are answered in time. Thread rule: belongs to
// the link's worker.
#pragma once

namespace gateway {

class link_health {
public:
  static constexpr unsigned failures_to_open = 5;    // stalls in a row without a reply in time between
  static constexpr unsigned successes_to_close = 3;  // probes in a row

  void note_connected() { *this = link_health{true}; }
  void note_lost() { connected_ = false; }

  // A command's time has passed without a reply.
  void note_late() {
    if (overdue_++ > 0) return;  // the same stall
    in_time_ = 0;
    if (++stalls_ >= failures_to_open) open_ = true;
  }
  // The reply of such a command came after all.
  void note_late_reply() { --overdue_; }
  // `probes`: the reply is to a probe.
  void note_in_time(bool probes) {
    if (!open_) {
      stalls_ = 0;
    } else if (probes && ++in_time_ >= successes_to_close) {
      open_ = false;
      stalls_ = 0;
    }
  }

  [[nodiscard]] bool is_connected() const { return connected_; }
  [[nodiscard]] bool is_stalled() const { return overdue_ > 0; }
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] bool may_send() const { return connected_ && overdue_ == 0 && !open_; }  // defence: engine-stall-skipped

  link_health() = default;

private:
  explicit link_health(bool connected) : connected_(connected) {}

  bool connected_ = false;
  bool open_ = false;
  unsigned overdue_ = 0;  // commands whose time has passed
  unsigned stalls_ = 0;   // in a row
  unsigned in_time_ = 0;  // probes answered in time, in a row
};

}  // namespace gateway
