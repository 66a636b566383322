// bench-load: a run of the load generator; what came of it as one line of JSON.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "generator.hpp"
#include "tool.hpp"

namespace {

double percentile_us(std::vector<std::uint32_t>& values, double part) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at / 1e3;
}

std::string in_quotes(const std::string& text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter < ' ' || letter > '~' ? '?' : letter;  // whatever a server sent, the output stays JSON
  }
  return result + '"';
}

}  // namespace

int main(int argc, char** argv) {
  enum { target, tls, connections, pipelined, connect_each, hold, seconds, requests, rate, keys, order, seed, body_bytes, authorization };
  std::array flags{
      tool::flag{"--target", "127.0.0.1:8080", "the server"},
      tool::flag{"--tls", "no", "yes or no: TLS 1.3, one cipher, the server's certificate taken as it is"},
      tool::flag{"--connections", "64", "at once, kept alive"},
      tool::flag{"--pipelined", "1", "requests in one write, all answered before the next; closed loop only"},
      tool::flag{"--connect-each", "no", "yes or no: a new connection for each request"},
      tool::flag{"--hold", "no", "yes or no: keep the connections open after the run, until the input ends"},
      tool::flag{"--seconds", "2", "length of the run"},
      tool::flag{"--requests", "", "stop after that many, e.g. each key once"},
      tool::flag{"--rate", "0", "requests per second, open loop; 0 = closed loop"},
      tool::flag{"--keys", "1", "distinct Call SIDs"},
      tool::flag{"--order", "round-robin", "round-robin or random"},
      tool::flag{"--seed", "1", "decides the SIDs and the random order"},
      tool::flag{"--body-bytes", "0", "the Content-Length that every answer must have; 0 = any"},
      // The simulator's account AC…01 with its token.
      tool::flag{"--authorization", "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpwYXJlbnQtdG9rZW4=", "value of the header"},
  };
  tool::read_flags(argc, argv, flags);
  const std::string& wanted_order = flags[order].value;
  if (wanted_order != "round-robin" && wanted_order != "random") tool::stop(tool::bad_usage, "--order is round-robin or random");
  const auto length = std::chrono::duration<double>(tool::number<double>(flags[seconds], 0.01, 3600));
  const load::plan wanted{
      .target = tool::address(flags[target]),
      .tls = tool::yes(flags[tls]),
      .connections = tool::number<std::size_t>(flags[connections], 1, 100'000),
      .pipelined = tool::number<std::size_t>(flags[pipelined], 1, 1000),
      .connect_each = tool::yes(flags[connect_each]),
      .length = std::chrono::duration_cast<std::chrono::nanoseconds>(length),
      .most_requests = flags[requests].value.empty() ? load::unlimited : tool::number<std::uint64_t>(flags[requests], 1, 1'000'000'000),
      .rate = tool::number<double>(flags[rate], 0, 1e6),
      .body_bytes = tool::number<std::size_t>(flags[body_bytes], 0, 1 << 30),
  };
  const auto key_count = tool::number<std::size_t>(flags[keys], 1, 10'000'000);
  load::summary_requests made(flags[target].value, flags[authorization].value, key_count,
                              wanted_order == "random" ? load::key_order::random : load::key_order::round_robin,
                              tool::number<std::uint64_t>(flags[seed], 0, ~std::uint64_t{0}));
  if (wanted.pipelined > 1 && (wanted.rate > 0 || wanted.connect_each))
    tool::stop(tool::bad_usage, "--pipelined needs a closed loop and connections that are kept");
  load::generator generator(wanted, made);
  load::outcome result = generator.run();
  const auto counted = result.latencies_ns.size();
  const double p50 = percentile_us(result.latencies_ns, 0.50);
  const double p99 = percentile_us(result.latencies_ns, 0.99);
  std::printf(
      R"({"requests":%zu,"errors":%llu,"first_error":%s,"never_sent":%llu,"seconds":%.6f,"p50_us":%.1f,"p99_us":%.1f,"cpu_seconds":%.6f})"
      "\n",
      counted, static_cast<unsigned long long>(result.errors), in_quotes(result.first_error).c_str(),
      static_cast<unsigned long long>(result.never_sent), result.seconds, p50, p99, result.cpu_seconds);
  if (tool::yes(flags[hold])) {
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
  }
  return result.errors == 0 ? 0 : 1;
}
