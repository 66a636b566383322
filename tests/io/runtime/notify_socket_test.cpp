// Datagrams to a service manager: they arrive at both kinds of addresses, and a missing manager is no error.
#include "io/runtime/notify_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "temporary_directory.hpp"

namespace gateway::test::notify_socket_test {
namespace {

// A manager that listens at an address in the notation of sd_notify.
class manager {
public:
  explicit manager(const std::string& address) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, address.data(), address.size());
    bool const abstract = address.front() == '@';
    if (abstract) at.sun_path[0] = '\0';
    auto const size = offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0 : 1);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&at), static_cast<socklen_t>(size)), 0);
  }
  ~manager() { ::close(descriptor_); }
  manager(const manager&) = delete;
  manager& operator=(const manager&) = delete;

  [[nodiscard]] std::string hears() const {
    std::array<char, 4096> room{};
    auto const size = ::recv(descriptor_, room.data(), room.size(), 0);
    return size < 0 ? "nothing" : std::string(room.data(), static_cast<std::size_t>(size));
  }

private:
  int descriptor_;
};

TEST(notify_socket, messages_arrive_at_a_path_and_at_an_abstract_name) {
  temporary_directory const folder;
  for (auto const& address : {folder.file("notify"), "@summary-gateway-test-" + std::to_string(::getpid())}) {
    manager const systemd{address};
    notify_socket const us{address};
    us.send("READY=1");
    us.send("WATCHDOG=1");
    EXPECT_EQ(systemd.hears(), "READY=1");
    EXPECT_EQ(systemd.hears(), "WATCHDOG=1");
    EXPECT_EQ(systemd.hears(), "nothing");
  }
}

TEST(notify_socket, nobody_is_no_problem) {
  for (std::string const& address : {std::string{}, std::string{"/"}, std::string{"@"}, std::string{"relative"},
                                     std::string{"/no/such/socket"}, "/" + std::string(200, 'x')}) {
    notify_socket const us{address};
    us.send("READY=1");
  }
}

TEST(notify_socket, a_manager_that_has_gone_or_does_not_read_holds_up_nobody) {
  temporary_directory const folder;
  auto systemd = std::make_unique<manager>(folder.file("notify"));
  notify_socket const us{folder.file("notify")};
  for (int i = 0; i < 10'000; ++i) us.send("WATCHDOG=1");
  systemd.reset();
  us.send("WATCHDOG=1");
}

TEST(taken_from_environment, is_gone_afterwards) {
  ASSERT_EQ(::setenv("GATEWAY_TEST_VARIABLE", "value", 1), 0);
  EXPECT_EQ(taken_from_environment("GATEWAY_TEST_VARIABLE"), "value");
  EXPECT_EQ(::getenv("GATEWAY_TEST_VARIABLE"), nullptr);
  EXPECT_EQ(taken_from_environment("GATEWAY_TEST_VARIABLE"), "");
}

}  // namespace
}  // namespace gateway::test::notify_socket_test
