// A played upstream whose connections can die silently: a filter on its socket drops what comes in, before TCP sees it.
// Thread rule: as played_upstream.
#pragma once

#include <linux/filter.h>

#include "upstream/played_upstream.hpp"

namespace gateway::test {

struct silent_upstream : played_upstream {
  // From now on nothing that the gateway sends on this connection arrives.
  static void drop_input(asio::ip::tcp::socket& of) {
    sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
    sock_fprog const program{1, &nothing};
    ASSERT_EQ(::setsockopt(of.native_handle(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
  }
};

}  // namespace gateway::test
