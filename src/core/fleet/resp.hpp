// RESP2, the protocol of Redis and Valkey: writes commands, and reads replies piece by piece as their bytes arrive.
// Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
// Thread rule: a reader belongs to one connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/fleet/engine_reply.hpp"

namespace gateway {

// One command as an array of bulk strings; any bytes are allowed in its parts.
void append_command(std::string& out, std::initializer_list<std::string_view> parts);
// The same in pieces: the number of parts, then each part.
void append_command_size(std::string& out, std::size_t parts);
void append_part(std::string& out, std::string_view part);

class resp_reader {
public:
  // Bounds on one reply. The engine's word is not believed: memory grows with what has arrived, never with what is announced.
  static constexpr std::size_t max_bytes = 4 * 1024 * 1024;
  static constexpr std::size_t max_depth = 8;
  static constexpr std::size_t max_items = 100'000;
  static constexpr std::size_t max_line = 16 * 1024;

  enum class progress : std::uint8_t { more, whole, broken };

  // Takes bytes from the front of `input`, up to the end of one reply.
  // more: all bytes are taken, and the reply has not ended. broken: this is no reply, or one beyond the bounds; nothing more can be read.
  progress read(std::string_view& input);
  // After `whole`: the reply.
  engine_reply take();

private:
  struct open_array {
    engine_reply value;
    std::size_t missing = 0;  // items
  };

  progress take_line(std::string_view& input);
  progress take_text(std::string_view& input);
  progress interpret(std::string_view line);
  progress finish(engine_reply value);
  progress fail();

  std::string line_;  // the part of a line that has arrived
  engine_reply text_;
  std::size_t text_left_ = 0;  // bytes of text_ and its line end that are still to come; 0: a line is being read
  std::vector<open_array> open_;
  engine_reply whole_;
  std::size_t bytes_ = 0;
  std::size_t items_ = 0;
  bool broken_ = false;
};

}  // namespace gateway
