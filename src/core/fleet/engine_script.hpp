// A Lua script that runs in the engine as one step. The engine knows it by the SHA-1 of its text, and may forget it at any time.
// Thread rule: immutable values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gateway {

class engine_script {
public:
  explicit engine_script(std::string_view source);
  [[nodiscard]] std::string_view source() const { return source_; }
  [[nodiscard]] const std::string& sha1() const { return sha1_; }  // 40 hexadecimal digits

private:
  std::string_view source_;  // outlives the script: a literal
  std::string sha1_;
};

// One run of it. The keys are declared, so that a cluster can tell the node; all of them have the fleet's hash tag.
struct script_call {
  explicit script_call(const engine_script& which) : script(&which) {}
  const engine_script* script;
  std::vector<std::string> keys;
  std::vector<std::string> values;
};

}  // namespace gateway
