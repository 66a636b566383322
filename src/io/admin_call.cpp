#include "io/admin_call.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <memory>
#include <span>

#include "core/base/text.hpp"
#include "io/runtime/task.hpp"

namespace gateway {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t largest_answer = 64UL * 1024 * 1024;
constexpr std::size_t longest_line = 1024;

struct descriptor {
  int number;
  ~descriptor() { ::close(number); }
};

// False once the time is over; until then no call waits for longer than what is left.
bool set_rest(int socket, mono_time deadline) {
  auto const left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - mono_now()).count();
  if (left <= 0) return false;
  timeval const rest{left / 1'000'000, left % 1'000'000};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &rest, sizeof rest);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &rest, sizeof rest);
  return true;
}

admin_answer no_answer() {
  if (errno == EAGAIN || errno == EINPROGRESS) return {0, "no answer in time", ""};
  return {0, error_code{errno, boost::system::system_category()}.message(), ""};
}

// The bytes of one connection, through TLS if it is wanted. Its socket blocks, but no longer than set_rest() says.
class channel {
public:
  explicit channel(int socket) : socket_(socket) {}

  // "" or why it cannot begin.
  std::string begin(const admin_tls& with) {
    if (with.server.empty()) return {};
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    if (!with.certificate.empty() && (SSL_CTX_use_certificate_chain_file(context_.get(), with.certificate.c_str()) != 1 ||
                                      SSL_CTX_use_PrivateKey_file(context_.get(), with.key.c_str(), SSL_FILETYPE_PEM) != 1))
      return "'" + with.certificate + "' and '" + with.key + "' are no certificate and its key";
    auto const wanted = certificate_in(with.server);
    if (!wanted) return "'" + with.server + "' holds no certificate";
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_);
    if (SSL_connect(ssl_.get()) != 1) return "no TLS: the listener speaks plaintext, is late, or wants a certificate of yours";
    auto const* const shown = SSL_get0_peer_certificate(ssl_.get());
    // defence: ctl-certificate
    if (shown == nullptr || X509_cmp(shown, wanted.get()) != 0) return "it shows another certificate than '" + with.server + "'";
    return {};
  }
  [[nodiscard]] bool send(std::string_view bytes) const {
    if (ssl_) return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<::ssize_t>(bytes.size());
  }
  // 0: the end, also if TLS was broken off: the parser knows whether the answer is whole. Less: none came in time.
  [[nodiscard]] ::ssize_t receive(std::span<char> room) const {
    if (!ssl_) return ::recv(socket_, room.data(), room.size(), 0);
    auto const size = SSL_read(ssl_.get(), room.data(), static_cast<int>(room.size()));
    if (size > 0) return size;
    return SSL_get_error(ssl_.get(), size) == SSL_ERROR_WANT_READ ? -1 : 0;
  }
  [[nodiscard]] std::string_view why_nothing_came() const {
    return ssl_ ? "TLS ended without an answer: does the gateway want a certificate of yours that it trusts?"
                : "the connection ended without an answer";
  }

private:
  struct closer {
    void operator()(SSL* one) const { SSL_free(one); }
    void operator()(SSL_CTX* one) const { SSL_CTX_free(one); }
    void operator()(X509* one) const { X509_free(one); }
    void operator()(BIO* one) const { BIO_free(one); }
  };
  static std::unique_ptr<X509, closer> certificate_in(const std::string& path) {
    std::unique_ptr<BIO, closer> const file{BIO_new_file(path.c_str(), "r")};
    return std::unique_ptr<X509, closer>{file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr};
  }

  int socket_;
  std::unique_ptr<SSL_CTX, closer> context_;
  std::unique_ptr<SSL, closer> ssl_;  // null: plaintext
};

// Puts what has come into the parser. False: it is no HTTP.
bool take(http::response_parser<http::string_body>& parser, std::string_view bytes, bool is_end) {
  error_code failed;
  while (!bytes.empty() && !failed) bytes.remove_prefix(parser.put(asio::buffer(bytes), failed));
  if (failed == http::error::need_more) failed = {};
  if (is_end && !failed) parser.put_eof(failed);
  return !failed && parser.is_done();
}

}  // namespace

admin_answer call_admin(const endpoint& where, const admin_request& what, const secret& token, answer_part wanted, mono_time deadline,
                        const admin_tls& tls) {
  auto const address = where.is_unix() ? asio::generic::stream_protocol::endpoint{asio::local::stream_protocol::endpoint{where.unix_path}}
                                       : asio::ip::tcp::endpoint{asio::ip::make_address(where.address), where.port};
  descriptor const socket{::socket(address.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::string request;
  request.append(what.method).append(" ").append(what.target).append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
  if (!token.empty()) request.append("Authorization: Bearer ").append(token.reveal()).append("\r\n");
  auto const content = what.content.reveal();
  if (what.method == "POST") request.append("Content-Length: ").append(std::to_string(content.size())).append("\r\n");
  request.append("\r\n").append(content);
  set_rest(socket.number, deadline);
  channel through{socket.number};
  std::string why_not;
  bool const is_sent = ::connect(socket.number, address.data(), static_cast<socklen_t>(address.size())) == 0 &&
                       (why_not = through.begin(tls)).empty() && through.send(request);
  wipe(request);
  if (!why_not.empty()) return {0, why_not, ""};
  if (!is_sent) return no_answer();
  std::string bytes;
  auto const is_enough = [&] {
    return wanted == answer_part::status_line && (bytes.find('\n') != std::string::npos || bytes.size() >= longest_line);
  };
  for (bool is_end = false; !is_end && !is_enough();) {
    std::array<char, 16384> room{};
    errno = EAGAIN;
    auto const size = set_rest(socket.number, deadline) ? through.receive(room) : -1;
    if (size < 0) return no_answer();
    is_end = size == 0;
    if (is_end && bytes.empty()) return {0, std::string{through.why_nothing_came()}, ""};
    bytes.append(room.data(), static_cast<std::size_t>(size));
    if (bytes.size() > largest_answer) return {0, "the answer has no end", ""};
  }
  admin_answer made;
  made.line = bytes.substr(0, bytes.find_first_of("\r\n"));
  auto const digits = made.line.starts_with("HTTP/1.1 ") ? parse_decimal(std::string_view{made.line}.substr(9, 3)) : std::nullopt;
  made.status = static_cast<int>(digits.value_or(0));
  if (wanted == answer_part::status_line || made.status == 0) return made;
  http::response_parser<http::string_body> parser;
  parser.body_limit(largest_answer);
  if (!take(parser, bytes, true)) return {0, "the answer is cut off", ""};
  made.content = parser.release().body();
  return made;
}

}  // namespace gateway
