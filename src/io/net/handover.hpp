// A running gateway gives its listening sockets to its successor: over a unix socket, as descriptors (SCM_RIGHTS). Both processes then hold
// the same sockets, so a connection that waits in one is never lost, whichever process ends first.
//
//   successor connects → predecessor: descriptors, each batch with one byte, then a byte without any → successor starts
//   successor serves: one byte → predecessor drains. If a successor goes away before that, nothing changes.
//
// Thread rule: predecessor at start on the main thread; handover belongs to the control worker.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/net/inherited_sockets.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

// The predecessor, as the successor sees it.
class predecessor {
public:
  // Receives its sockets into `to`. False and a sentence if that fails; true without sockets if there is no predecessor.
  bool ask(const std::string& path, inherited_sockets& to, std::string& why_not);
  [[nodiscard]] bool is_there() const { return connection_ >= 0; }
  // Reports that we serve, so the predecessor may end.
  void relieve();

  predecessor() = default;
  predecessor(const predecessor&) = delete;
  predecessor& operator=(const predecessor&) = delete;
  ~predecessor();

private:
  int connection_ = -1;  // -1: there is no predecessor
};

// The running process's side.
class handover {
public:
  // `sockets` returns the descriptors to give; `relieved` is called when a successor serves.
  handover(worker& at, std::function<std::vector<int>()> sockets, std::function<void()> relieved)
      : at_(at), sockets_(std::move(sockets)), relieved_(std::move(relieved)), raw_(at.get_executor()), pause_(at.get_executor()) {}

  // Listens at `path`, in place of the earlier process. False and a sentence if that fails.
  bool open(const std::string& path, std::string& why_not);
  // Serves one successor after the other, until close().
  task<void> run();
  void close();

private:
  task<bool> give(stream_socket& successor);

  worker& at_;
  std::function<std::vector<int>()> sockets_;
  std::function<void()> relieved_;
  asio::basic_socket_acceptor<asio::generic::stream_protocol, executor> raw_;
  steady_timer pause_;
  stream_socket* successor_ = nullptr;  // the connected successor
};

}  // namespace gateway
