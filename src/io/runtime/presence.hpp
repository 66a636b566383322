// Whether a client that waits for its answer is still there: its connection notices when it leaves, and whatever waits on its behalf hears
// of it. A client that has closed only its own half of the connection counts as gone, too: it still gets an answer, if one comes. Thread
// rule: belongs to the connection's worker.
#pragma once

#include <functional>
#include <utility>

namespace gateway {

class presence {
public:
  void end() {
    if (!std::exchange(ended_, true) && leave_) leave_();
  }
  [[nodiscard]] bool has_ended() const { return ended_; }
  // What to do when it ends; nothing once that is of no interest.
  void on_end(std::function<void()> leave) { leave_ = std::move(leave); }

private:
  std::function<void()> leave_;
  bool ended_ = false;
};

}  // namespace gateway
