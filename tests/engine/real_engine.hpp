// A real engine for one test, on a unix socket. It runs the gateway's scripts with the test's time instead of its own. The variable
// GATEWAY_ENGINE names another program than the build has found, such as valkey-server.
// Thread rule: one thread, which waits for each reply.
#pragma once

#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/fleet/engine_script.hpp"
#include "core/fleet/resp.hpp"
#include "io/runtime/task.hpp"
#include "temporary_directory.hpp"

namespace gateway::test {

// A connection to it.
class engine_client {
public:
  explicit engine_client(const std::string& path) {
    auto const latest = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    error_code failed;
    do {
      socket_.close(failed);
      socket_.connect(asio::local::stream_protocol::endpoint{path}, failed);
      if (failed) std::this_thread::yield();
    } while (failed && std::chrono::steady_clock::now() < latest);
    if (failed) throw std::runtime_error{"the engine does not listen: " + failed.message()};
  }

  engine_reply ask(std::span<const std::string> words) {
    std::string command;
    append_command_size(command, words.size());
    for (auto const& word : words) append_part(command, word);
    asio::write(socket_, asio::buffer(command));
    return read();
  }
  engine_reply ask(std::initializer_list<std::string> words) { return ask(std::span{words.begin(), words.size()}); }

  engine_reply read() {
    auto state = reader_.read(unread_);
    while (state == resp_reader::progress::more) {
      auto const size = socket_.read_some(asio::buffer(input_));
      unread_ = std::string_view{input_.data(), size};
      state = reader_.read(unread_);
    }
    if (state == resp_reader::progress::broken) throw std::runtime_error{"the engine sent no reply"};
    return reader_.take();
  }

private:
  asio::io_context loop_;
  asio::local::stream_protocol::socket socket_{loop_};
  resp_reader reader_;
  std::array<char, 16384> input_{};
  std::string_view unread_;
};

class real_engine {
public:
  real_engine() : process_(start(directory_)), client_(path()) {}
  real_engine(const real_engine&) = delete;
  real_engine& operator=(const real_engine&) = delete;
  ~real_engine() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  [[nodiscard]] std::string path() const { return directory_.file("engine.sock"); }
  engine_reply ask(std::initializer_list<std::string> words) { return client_.ask(words); }

  // As the gateway has it run, at that time.
  engine_reply run(const script_call& call, std::uint64_t now_ms) {
    ask({"HSET", "clock", "s", std::to_string(now_ms / 1000), "us", std::to_string(now_ms % 1000 * 1000)});
    std::vector<std::string> words{"EVAL", source_of(*call.script), std::to_string(call.keys.size())};
    words.insert(words.end(), call.keys.begin(), call.keys.end());
    words.insert(words.end(), call.values.begin(), call.values.end());
    auto made = client_.ask(words);
    if (made.is == engine_reply::kind::error) throw std::runtime_error{made.text};
    return made;
  }

  // What was published since the last call, as a subscriber reads it.
  std::vector<std::string> messages(engine_client& subscriber, const std::string& channel) {
    ask({"PUBLISH", channel, "end"});
    std::vector<std::string> all;
    for (auto one = subscriber.read(); one.items.back().text != "end"; one = subscriber.read()) all.push_back(one.items.back().text);
    return all;
  }

private:
  static pid_t start(const temporary_directory& directory) {
    // It ends with the test program, however that ends.
    auto const* const other = std::getenv("GATEWAY_ENGINE");
    std::vector<std::string> words{"setpriv",      "--pdeathsig",
                                   "KILL",         other != nullptr ? other : GATEWAY_ENGINE,
                                   "--port",       "0",
                                   "--unixsocket", directory.file("engine.sock"),
                                   "--dir",        directory.file("")};
    for (auto const* more : {"--save", "", "--appendonly", "no", "--logfile", "engine.log"}) words.emplace_back(more);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t process = 0;
    if (::posix_spawnp(&process, "setpriv", nullptr, nullptr, arguments.data(), environ) != 0)
      throw std::runtime_error{"the engine cannot be started"};
    return process;
  }

  // Each script asks for the time once.
  const std::string& source_of(const engine_script& script) {
    auto const [at, is_new] = sources_.try_emplace(&script, script.source());
    auto& text = at->second;
    constexpr std::string_view asks = "redis.call('TIME')";
    auto const found = text.find(asks);
    if (is_new && found != std::string::npos) text.replace(found, asks.size(), "redis.call('HMGET', 'clock', 's', 'us')");
    return text;
  }

  temporary_directory directory_;
  pid_t process_;
  engine_client client_;
  std::map<const engine_script*, std::string> sources_;
};

}  // namespace gateway::test
