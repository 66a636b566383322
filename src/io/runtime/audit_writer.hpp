// The thread that appends the audit trail to admin.audit_file. Who changes something never waits for the disk: while the file cannot be
// written, its lines wait here; beyond `room` further ones are counted and missing there.
// Thread rule: put(), reopen() and lost() on any thread, start() and stop() on the one that made it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "io/runtime/bounded_thread.hpp"
#include "io/runtime/line_file.hpp"

namespace gateway {

class audit_writer {
public:
  static constexpr std::size_t room = 1000;  // lines

  // Throws std::runtime_error if the file cannot be opened. "": there is none, and nothing is done.
  explicit audit_writer(std::string path);
  ~audit_writer();
  audit_writer(const audit_writer&) = delete;
  audit_writer& operator=(const audit_writer&) = delete;

  void start();
  // Writes the waiting lines, as far as the deadline allows. False: the thread still hangs in a write, so this object must stay.
  bool stop(mono_time deadline);

  // A line without its end.
  void put(std::string_view line);
  // A moved file is noticed at the next line, and at once after this.
  void reopen();

  // Lines that are missing in the file.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

private:
  void run();
  // False if lines remain.
  bool write(std::string& lines, mono_time deadline);
  void judge(const std::string& trouble);

  const std::string path_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<std::string> queue_;  // protected by mutex_, as the next three
  bool wants_reopen_ = false;
  bool stopping_ = false;
  mono_time last_{};  // when a writer that stops must have ended
  line_file file_;    // the thread's, as the next two
  std::string trouble_;
  std::uint64_t lost_before_ = 0;  // when the trouble began
  std::atomic<std::uint64_t> lost_{0};
  bounded_thread thread_;
};

}  // namespace gateway
