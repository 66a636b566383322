// The snapshot of the cache on disk: FILE, beside it FILE.tmp while one is written, and FILE.lock, which says whose it is.
// Thread rule: each is used by one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway {

// One gateway at a time reads and writes a snapshot; the lock goes with the process, however that ends. Its file stays.
class snapshot_lock {
public:
  enum class attempt : std::uint8_t { taken, held, failed };

  snapshot_lock() = default;
  snapshot_lock(const snapshot_lock&) = delete;
  snapshot_lock& operator=(const snapshot_lock&) = delete;
  ~snapshot_lock() { release(); }

  attempt take(const std::string& snapshot, std::string& why_not);
  void release();

  // A successor's word to the one that has the lock still: what you have is not to be written any more.
  void mark(bool on) const;
  [[nodiscard]] bool is_marked() const;

private:
  int descriptor_ = -1;
};

class snapshot_output {
public:
  explicit snapshot_output(const std::string& snapshot) : path_(snapshot) {}
  snapshot_output(const snapshot_output&) = delete;
  snapshot_output& operator=(const snapshot_output&) = delete;
  ~snapshot_output();

  // Each: false and a sentence if it cannot be.
  bool open(std::string& why_not);
  bool write(std::string_view bytes, std::string& why_not);
  bool sync(std::string& why_not);
  // Takes FILE's place. `gone`: the new file has been removed by another process.
  bool place(bool& gone, std::string& why_not);

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
  bool placed_ = false;
};

class snapshot_input {
public:
  snapshot_input() = default;
  snapshot_input(const snapshot_input&) = delete;
  snapshot_input& operator=(const snapshot_input&) = delete;
  ~snapshot_input();

  // False: there is none (no sentence), or none that may be believed.
  bool open(const std::string& snapshot, std::string& why_not);
  // Fewer than `size` bytes: there are no more, or they cannot be read.
  std::string read(std::size_t size);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t left() const { return size_ - taken_; }

private:
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t taken_ = 0;
};

// The snapshot itself, or what is being written to take its place; false and a sentence if it is still there.
bool remove_snapshot(const std::string& snapshot, std::string& why_not);
bool remove_unfinished(const std::string& snapshot, std::string& why_not);
// So that what was renamed or removed stays so whatever happens to the machine.
void sync_folder_of(const std::string& snapshot);

}  // namespace gateway
