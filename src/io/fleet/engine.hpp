// The fleet's engine as its users see it: scripts that run there, and a feed of messages. The real one is io/fleet/engine_link.
// Thread rule: any thread.
#pragma once

#include "core/fleet/engine_reply.hpp"
#include "core/fleet/engine_script.hpp"
#include "core/fleet/engine_trouble.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

struct engine_answer {
  engine_answer() = default;
  explicit engine_answer(engine_trouble trouble) : why(trouble) {}
  explicit engine_answer(engine_reply came)
      : why(came.is == engine_reply::kind::error ? engine_trouble::refused : engine_trouble::none), reply(std::move(came)) {}
  engine_trouble why = engine_trouble::none;
  engine_reply reply;  // with none and refused
};

class engine {
public:
  virtual ~engine() = default;
  // Runs a script; the reply comes within fleet.timeout, or the trouble does. `where`: the executor of the task that waits.
  virtual task<engine_answer> run(executor where, script_call call) = 0;
};

}  // namespace gateway
