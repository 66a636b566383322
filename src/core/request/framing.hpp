// A proxy must not guess where a request ends or which host it names. This file alone decides it, and refuses every head that two parsers
// could understand differently. Source: RFC 9112 §3.2, §6; RFC 9110 §7.2, §8.6.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/fault.hpp"

namespace gateway {

// Content that follows a head: chunked, or `length` bytes.
struct content_framing {
  bool chunked = false;
  std::uint64_t length = 0;
};

// The framing fields of one head, collected while it is read.
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

// Nothing if the end of the request is unambiguous and the host is well-formed.
// `authority` is that of an absolute-form target, otherwise absent; it must equal Host.
std::optional<fault> check_framing(const framing& seen, bool http_1_0, std::optional<std::string_view> authority);

// How the content is delimited, if the head announces any. Call it only after check_framing() succeeded.
std::optional<content_framing> content_of(const framing& seen);

// RFC 9110 §7.2: uri-host [":" port], not empty (an http URI has a host, §4.2.1), no userinfo, no list, no path.
bool is_host(std::string_view text);

}  // namespace gateway
