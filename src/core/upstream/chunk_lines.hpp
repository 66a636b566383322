// The first lines of chunks ("5;ext=1"), before the parser reads them. Some servers pad the size with blanks ("5   "), which the grammar
// does not allow and other clients accept (RFC 9112 §7.1). Everything else stays as it is, for the parser to judge.
// Thread rule: belongs to one answer.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace gateway {

class chunk_lines {
public:
  // `input` begins with such a line, after the CRLF of the chunk before, if there was one. Moves the blanks at the line's end to the front
  // of `input`, and returns how many there are: they are to be skipped. Nothing if the line has not arrived whole.
  std::optional<std::size_t> take_blanks(std::span<char> input);

private:
  std::size_t searched_ = 0;  // of an incomplete line
};

}  // namespace gateway
