// Received bytes of one connection that are not parsed yet: small at first, limited by the largest request head.
// Thread rule: belongs to one session.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstring>
#include <memory>
#include <string_view>

namespace gateway {

class receive_buffer {
public:
  explicit receive_buffer(std::size_t largest_head) : limit_(largest_head + slack) {}

  [[nodiscard]] std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }

  // Room for at least one byte more. If a read has filled the buffer, its capacity doubles, since more bytes of a long head or of many
  // requests were waiting; the limit lies just above the largest head.
  boost::asio::mutable_buffer prepare() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (was_filled_ || end_ == capacity_) make_room();
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t received) {
    end_ += received;
    was_filled_ = end_ == capacity_;
  }
  void consume(std::size_t understood) { begin_ += understood; }

private:
  static constexpr std::size_t first_capacity = 2048;
  static constexpr std::size_t slack = 1024;

  void make_room() {
    auto const held = view();
    auto const larger = std::min(std::max(capacity_ * 2, first_capacity), std::max(limit_, first_capacity));
    if (larger > capacity_) {
      auto grown = std::make_unique_for_overwrite<char[]>(larger);
      if (!held.empty()) std::memcpy(grown.get(), held.data(), held.size());
      bytes_ = std::move(grown);
      capacity_ = larger;
    } else if (begin_ > 0) {  // parsed bytes are no longer needed
      std::memmove(bytes_.get(), held.data(), held.size());
    }
    begin_ = 0;
    end_ = held.size();
    was_filled_ = false;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool was_filled_ = false;  // the last read filled the buffer
  std::size_t limit_;
};

}  // namespace gateway
