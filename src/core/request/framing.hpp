// What a proxy must not guess: where a request ends and for whom it is. One place decides, and refuses whatever two readers
// could understand in two ways. Source: RFC 9112 §3.2, §6; RFC 9110 §7.2, §8.6.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/fault.hpp"

namespace gateway {

// Content that follows a head: chunked, or so many bytes.
struct content_framing {
  bool chunked = false;
  std::uint64_t length = 0;
};

// The framing fields of one head, as they are met.
struct framing {
  int hosts = 0;
  std::string_view host;
  int content_lengths = 0;
  std::string_view content_length;
  int transfer_encodings = 0;
  std::string_view transfer_encoding;
  int authorization = 0;
  bool close_asked = false;

  void add_host(std::string_view value) { ++hosts, host = value; }
  void add_content_length(std::string_view value) { ++content_lengths, content_length = value; }
  void add_transfer_encoding(std::string_view value) { ++transfer_encodings, transfer_encoding = value; }
};

// Nothing, if the head says beyond doubt where its request ends, and names a well-formed host.
// `authority` is that of an absolute-form target, else absent; it must say the same as Host.
std::optional<fault> check_framing(const framing& seen, bool http_1_0, std::optional<std::string_view> authority);

// How the content is delimited, if some was announced. Asked of a framing that passed the check.
std::optional<content_framing> content_of(const framing& seen);

// RFC 9110 §7.2: uri-host [":" port], not empty (an http URI has a host, §4.2.1), no userinfo, no list, no path.
bool is_host(std::string_view text);

}  // namespace gateway
