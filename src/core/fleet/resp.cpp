#include "core/fleet/resp.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::string_view line_end = "\r\n";

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  auto const* const end = text.data() + text.size();
  auto const [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

engine_reply reply_of(engine_reply::kind kind, std::string_view text) {
  engine_reply made;
  made.is = kind;
  made.text = text;
  return made;
}

}  // namespace

void append_command_size(std::string& out, std::size_t parts) {
  out += '*';
  append_number(out, parts);
  out += line_end;
}

void append_part(std::string& out, std::string_view part) {
  out += '$';
  append_number(out, part.size());
  out.append(line_end).append(part).append(line_end);
}

void append_command(std::string& out, std::initializer_list<std::string_view> parts) {
  append_command_size(out, parts.size());
  for (auto const part : parts) append_part(out, part);
}

resp_reader::progress resp_reader::read(std::string_view& input) {
  if (broken_) return progress::broken;
  auto state = progress::more;
  while (state == progress::more && !input.empty()) state = text_left_ > 0 ? take_text(input) : take_line(input);
  return state;
}

engine_reply resp_reader::take() {
  bytes_ = 0;
  items_ = 0;
  return std::exchange(whole_, {});
}

resp_reader::progress resp_reader::take_line(std::string_view& input) {
  auto const end = input.find('\n');
  auto const size = end == std::string_view::npos ? input.size() : end + 1;
  if (line_.size() + size > max_line || bytes_ + size > max_bytes) return fail();  // defence: engine-line-bound
  line_.append(input.substr(0, size));
  bytes_ += size;
  input.remove_prefix(size);
  if (end == std::string_view::npos) return progress::more;
  if (!line_.ends_with(line_end) || line_.size() == line_end.size()) return fail();
  line_.resize(line_.size() - line_end.size());
  auto const line = std::exchange(line_, {});
  return interpret(line);
}

resp_reader::progress resp_reader::interpret(std::string_view line) {
  using kind = engine_reply::kind;
  auto const rest = line.substr(1);
  if (line.front() == '+') return finish(reply_of(kind::text, rest));
  if (line.front() == '-') return finish(reply_of(kind::error, rest));
  auto const number = parse_integer(rest);
  if (!number) return fail();
  if (line.front() == ':') {
    engine_reply value;
    value.is = kind::integer;
    value.number = *number;
    return finish(std::move(value));
  }
  bool const is_array = line.front() == '*';
  if (!is_array && line.front() != '$') return fail();
  if (*number == -1) return finish({});
  if (*number < 0) return fail();
  auto const size = static_cast<std::size_t>(*number);
  if (!is_array) {
    if (bytes_ + line_end.size() > max_bytes || size > max_bytes - line_end.size() - bytes_) return fail();  // defence: engine-text-bound
    text_ = reply_of(kind::text, "");
    text_left_ = size + line_end.size();
    return progress::more;
  }
  if (open_.size() >= max_depth || size > max_items - items_) return fail();  // defence: engine-array-bound
  items_ += size;
  auto array = reply_of(kind::array, "");
  if (size == 0) return finish(std::move(array));
  open_.push_back({std::move(array), size});
  return progress::more;
}

resp_reader::progress resp_reader::take_text(std::string_view& input) {
  auto const size = std::min(text_left_, input.size());
  text_.text.append(input.substr(0, size));
  bytes_ += size;
  text_left_ -= size;
  input.remove_prefix(size);
  if (text_left_ > 0) return progress::more;
  if (!text_.text.ends_with(line_end)) return fail();
  text_.text.resize(text_.text.size() - line_end.size());
  return finish(std::exchange(text_, {}));
}

// A value is whole, and with it perhaps the arrays that it ends.
resp_reader::progress resp_reader::finish(engine_reply value) {
  while (!open_.empty()) {
    auto& outer = open_.back();
    outer.value.items.push_back(std::move(value));
    if (--outer.missing > 0) return progress::more;
    value = std::move(outer.value);
    open_.pop_back();
  }
  whole_ = std::move(value);
  return progress::whole;
}

resp_reader::progress resp_reader::fail() {
  broken_ = true;
  return progress::broken;
}

}  // namespace gateway
