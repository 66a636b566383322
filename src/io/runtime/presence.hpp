// Whether a client that waits for its answer is still connected: its connection notices when it leaves and informs the code that waits on
// its behalf. A client that has closed only its own half of the connection counts as gone, too, but still gets an answer if there is one.
// Thread rule: belongs to the connection's worker.
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
  // Called when the client leaves; an empty function clears it.
  void on_end(std::function<void()> leave) { leave_ = std::move(leave); }

private:
  std::function<void()> leave_;
  bool ended_ = false;
};

}  // namespace gateway
