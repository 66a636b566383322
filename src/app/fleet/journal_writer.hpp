// Writes the journal of the marks, one write at a time, on the thread that may wait for disks.
// Thread rule: belongs to the control worker.
#pragma once

#include <optional>
#include <string>

#include "core/fleet/mark_journal.hpp"
#include "io/runtime/file_thread.hpp"

namespace gateway {

class journal_writer {
public:
  // "": there is no file, and nothing is written.
  journal_writer(worker& home, file_thread& files, std::string path) : home_(home), files_(files), path_(std::move(path)) {}

  // What an earlier process left. Only before the loops run. A journal that cannot be used is logged.
  [[nodiscard]] std::optional<mark_journal> read() const;

  // Writes it, unless it is what was written last or a write is under way. `number`: of the newest mark in it. `soon`: not only when the
  // last write is some time ago.
  void offer(const mark_journal& now, std::uint64_t number, bool soon, const std::shared_ptr<sleeper>& wakes);
  // Whether the marks up to this number are on disk, or cannot be.
  [[nodiscard]] bool has(std::uint64_t number) const { return path_.empty() || number <= written_.load(std::memory_order_acquire); }

private:
  task<void> write(mark_journal what, std::uint64_t number, std::shared_ptr<sleeper> wakes);

  worker& home_;
  file_thread& files_;
  const std::string path_;
  mark_journal last_;
  mono_time rested_{};
  bool writing_ = false;
  bool failing_ = false;
  std::atomic<std::uint64_t> written_{0};
};

}  // namespace gateway
