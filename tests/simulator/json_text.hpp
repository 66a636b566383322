#pragma once
// Writes JSON text straight into a string, in one of three spacings: the bodies are made for every request, so no tree is built.
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

class json_text {
public:
  enum class spacing { compact, spaced, pretty };

  json_text(std::string& out, spacing how) : out_(out), how_(how) {}

  void open() { begin('{'); }
  void open(std::string_view key) { name(key), begin('{'); }
  void close() { end('}'); }
  void open_list(std::string_view key) { name(key), begin('['); }
  void close_list() { end(']'); }
  void item(std::string_view text);

  void member(std::string_view key, std::string_view text);
  void member(std::string_view key, const char* text) { member(key, std::string_view{text}); }
  void member(std::string_view key, std::nullptr_t) { name(key), out_ += "null"; }
  void member(std::string_view key, std::same_as<bool> auto value) { name(key), out_ += value ? "true" : "false"; }
  void member(std::string_view key, std::integral auto value) requires(!std::same_as<decltype(value), bool>) {
    name(key), integer(static_cast<std::int64_t>(value));
  }
  void real(std::string_view key, double value, int decimals);

private:
  void begin(char bracket);
  void end(char bracket);
  void name(std::string_view key);
  void separate();
  void new_line();
  void integer(std::int64_t value);
  void quoted(std::string_view text);

  std::string& out_;
  spacing how_;
  int depth_ = 0;
  bool first_ = true;  // nothing written yet in the innermost object or list
};

}  // namespace simulator
