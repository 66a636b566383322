// The reverse of core/base/gzip, for tests: a client that accepts gzip does this with a body.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace gateway {

inline std::string unpacked(std::string_view packed) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return "(no memory)";
  std::string bytes(4 * 1024 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  bool const whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
  bytes.resize(stream.total_out);
  inflateEnd(&stream);
  return whole ? bytes : "(not one whole gzip member)";
}

}  // namespace gateway
