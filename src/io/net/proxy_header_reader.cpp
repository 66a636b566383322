#include "io/net/proxy_header_reader.hpp"

#include <sys/socket.h>

#include <array>
#include <string>

namespace gateway {
namespace {

// Peeks before it takes bytes. Until the header is complete, all bytes belong to it, so each call takes what it has seen; otherwise the
// same bytes would wake the reader again.
bool take_some(int descriptor, std::string& header, proxy_header& found) {
  std::array<char, max_proxy_header> bytes{};
  auto const room = bytes.size() - header.size();
  auto const there = ::recv(descriptor, bytes.data(), room, MSG_PEEK | MSG_DONTWAIT);
  if (there < 0) return errno == EAGAIN || errno == EINTR;
  auto const before = header.size();
  header.append(bytes.data(), static_cast<std::size_t>(there));
  if (there == 0) {
    if (before > 0) found = {proxy_header::state::refused, 0, std::nullopt, proxy_fault::malformed};
    return false;
  }
  found = read_proxy_header(header);
  if (found.is == proxy_header::state::complete) header.resize(found.size);  // defence: proxy-header-end
  return ::recv(descriptor, bytes.data(), header.size() - before, MSG_DONTWAIT) > 0;
}

}  // namespace

task<proxy_header> read_proxy_header(stream_socket& from) {
  std::string header;
  proxy_header found;
  while (found.is == proxy_header::state::need_more) {
    auto const [failed] = co_await from.async_wait(stream_socket::wait_read, use_op);
    if (failed || !take_some(from.native_handle(), header, found)) break;
  }
  co_return found;
}

}  // namespace gateway
