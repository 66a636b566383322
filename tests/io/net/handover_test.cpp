// How a successor handles a predecessor that breaks the handover protocol.
#include "io/net/handover.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <thread>

#include "temporary_directory.hpp"

namespace gateway::test::handover_test {
namespace {

std::size_t open_descriptors() {
  auto const all = std::filesystem::directory_iterator{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// Sends that many copies of a descriptor in one message.
void send_copies(int to, int what, std::size_t count) {
  char word = 'S';
  iovec text{&word, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(200 * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(count * sizeof(int));
  auto* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(count * sizeof(int));
  std::vector<int> const copies(count, what);
  std::memcpy(CMSG_DATA(header), copies.data(), count * sizeof(int));
  ::sendmsg(to, &message, MSG_NOSIGNAL);
}

struct predecessor_test : testing::Test {
  predecessor_test() {
    asio::local::stream_protocol::endpoint const address{path};
    ::bind(listening, address.data(), static_cast<socklen_t>(address.size()));
    ::listen(listening, 4);
  }
  ~predecessor_test() override { ::close(listening); }

  // On request, it sends that many copies of its listening socket in one message, and then a byte without any.
  bool ask(std::size_t count) {
    std::thread other{[&] {
      int const successor = ::accept(listening, nullptr, nullptr);
      send_copies(successor, listening, count);
      ::send(successor, "S", 1, MSG_NOSIGNAL);
      ::close(successor);
    }};
    class predecessor before;
    bool const good = before.ask(path, sockets, why_not);
    other.join();
    return good;
  }

  temporary_directory here;
  std::string path = here.file("s");
  int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  inherited_sockets sockets;
  std::string why_not;
};

TEST_F(predecessor_test, what_fits_into_a_message_is_taken) {
  EXPECT_TRUE(ask(3)) << why_not;
  EXPECT_EQ(sockets.size(), 3U);
}

// The kernel drops descriptors that do not fit: one of them could be a socket whose queue no process would serve.
TEST_F(predecessor_test, a_message_that_was_cut_is_refused_and_nothing_of_it_is_kept) {
  auto const before = open_descriptors();
  EXPECT_FALSE(ask(150));
  EXPECT_NE(why_not.find("gives no sockets"), std::string::npos) << why_not;
  EXPECT_EQ(sockets.size(), 0U);
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace gateway::test::handover_test
