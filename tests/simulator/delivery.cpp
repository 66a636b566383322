#include "delivery.hpp"

#include <algorithm>
#include <cctype>
#include <tuple>

#include "api_error.hpp"

namespace simulator {
namespace {

using std::chrono::microseconds;
constexpr std::size_t chunk_size = 700;

bool has_header(const header_list& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& header) {
    return std::ranges::equal(header.first, name, [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  });
}

void append_chunked(std::string& out, std::string_view body) {
  for (; !body.empty(); body.remove_prefix(std::min(chunk_size, body.size()))) {
    const std::string_view piece = body.substr(0, chunk_size);
    static constexpr char digits[] = "0123456789abcdef";
    for (int shift = 8; shift >= 0; shift -= 4)
      if (piece.size() >> shift) out += digits[(piece.size() >> shift) & 0xf];
    out += "\r\n";
    out += piece;
    out += "\r\n";
  }
  out += "0\r\n\r\n";
}

void add_write(std::vector<step>& steps, std::string_view bytes, std::size_t bytes_per_second) {
  if (bytes_per_second == 0) {
    if (!bytes.empty()) steps.push_back({step::kind::write, std::string{bytes}});
    return;
  }
  // Twenty pieces a second at most; slow rates go byte by byte.
  const std::size_t piece = std::max<std::size_t>(1, bytes_per_second / 20);
  const microseconds pause{piece * 1'000'000 / bytes_per_second};
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    steps.push_back({step::kind::write, std::string{bytes.substr(0, piece)}});
    steps.push_back({step::kind::wait, {}, pause});
  }
}

}  // namespace

std::pair<std::string, std::size_t> serialise(const answer& what, bool chunked, exchange_end end) {
  const bool bodiless = what.status < 200 || what.status == 204 || what.status == 304;
  std::string out;
  out.reserve(900 + what.body.size());
  out += "HTTP/1.1 ";
  out += std::to_string(what.status);
  out += ' ';
  out += reason_phrase(what.status);
  out += "\r\n";
  for (const auto& [name, value] : what.headers) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  if (chunked && !bodiless) out += "Transfer-Encoding: chunked\r\n";
  if (!chunked && !bodiless && !has_header(what.headers, "Content-Length")) {
    out += "Content-Length: ";
    out += std::to_string(what.body.size());
    out += "\r\n";
  }
  if (!has_header(what.headers, "Connection")) out += end.keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  out += "\r\n";
  const std::size_t head = out.size();
  if (!bodiless && !end.head_request) {
    if (chunked)
      append_chunked(out, what.body);
    else
      out += what.body;
  }
  return {std::move(out), head};
}

std::vector<step> steps_for(answer&& what, const delivery& how, exchange_end end) {
  std::string bytes;
  std::size_t head = 0;
  if (how.raw) {
    bytes = *how.raw;
    const auto blank = bytes.find("\r\n\r\n");
    head = blank == std::string::npos ? bytes.size() : blank + 4;
  } else {
    std::tie(bytes, head) = serialise(what, how.chunked, end);
  }
  bytes += how.extra_bytes;

  std::vector<step> steps;
  if (!how.stall && !how.cut_after && !how.reset_after && how.bytes_per_second == 0) {
    if (!bytes.empty()) steps.push_back({step::kind::write, std::move(bytes)});
  } else {
    std::size_t limit = bytes.size();
    if (how.cut_after) limit = std::min(limit, *how.cut_after);
    if (how.reset_after) limit = std::min(limit, *how.reset_after);
    const std::string_view all = std::string_view{bytes}.substr(0, limit);
    std::size_t stall_at = all.size();
    if (how.stall) {
      const stall_point point = how.stall->first;
      stall_at = point == stall_point::before_headers ? 0 : point == stall_point::after_headers ? head : head + (bytes.size() - head) / 2;
      stall_at = std::min(stall_at, all.size());
    }
    add_write(steps, all.substr(0, stall_at), how.bytes_per_second);
    if (how.stall) {
      steps.push_back({step::kind::wait, {}, how.stall->second});
      add_write(steps, all.substr(stall_at), how.bytes_per_second);
    }
    if (how.reset_after) {
      steps.push_back({step::kind::reset, {}});
      return steps;
    }
    if (how.cut_after) {
      steps.push_back({step::kind::fin, {}});
      return steps;
    }
  }
  if (how.close_after || !end.keep_alive) steps.push_back({step::kind::fin, {}});
  return steps;
}

}  // namespace simulator
