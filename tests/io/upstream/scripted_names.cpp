#include "upstream/scripted_names.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <map>
#include <mutex>

namespace gateway::test {
namespace {

struct meaning {
  std::vector<std::string> addresses;
  bool hangs = false;
  std::size_t began = 0, ended = 0;  // lookups
};
using names = std::map<std::string, meaning>;

std::mutex mutex;
std::condition_variable changed;
names& script() {
  static names all;
  return all;
}

using look_up = int(const char*, const char*, const addrinfo*, addrinfo**);

look_up* the_systems() {
  static auto* const found = reinterpret_cast<look_up*>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return found;
}

// Builds one list from parts that the system's function made, so that its freeaddrinfo can free it.
int answer(const std::vector<std::string>& addresses, const char* service, const addrinfo* hints, addrinfo** result) {
  addrinfo literal = *hints;
  literal.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  *result = nullptr;
  auto** end = result;
  for (auto const& one : addresses) {
    if (auto const error = the_systems()(one.c_str(), service, &literal, end)) return error;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return addresses.empty() ? EAI_NONAME : 0;
}

}  // namespace

scripted_name::scripted_name(std::string name) : name_(std::move(name)) { means({}); }

scripted_name::~scripted_name() {
  answer();
  std::unique_lock lock{mutex};
  changed.wait(lock, [&] { return script()[name_].began == script()[name_].ended; });
  script().erase(name_);
}

void scripted_name::means(std::vector<std::string> addresses) {
  std::lock_guard const lock{mutex};
  script()[name_].addresses = std::move(addresses);
}

void scripted_name::hang() {
  std::lock_guard const lock{mutex};
  script()[name_].hangs = true;
}

void scripted_name::answer() {
  std::lock_guard const lock{mutex};
  script()[name_].hangs = false;
  changed.notify_all();
}

std::size_t scripted_name::look_ups() const {
  std::lock_guard const lock{mutex};
  return script()[name_].began;
}

}  // namespace gateway::test

// Replaces the library's function.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result) {
  using namespace gateway::test;
  if (name != nullptr && hints != nullptr) {
    std::unique_lock lock{mutex};
    if (auto const known = script().find(name); known != script().end()) {
      auto& it = known->second;  // stays until this lookup has ended
      ++it.began;
      changed.wait(lock, [&] { return !it.hangs; });
      auto const error = answer(it.addresses, service, hints, result);
      ++it.ended;
      changed.notify_all();
      return error;
    }
  }
  return the_systems()(name, service, hints, result);
}
