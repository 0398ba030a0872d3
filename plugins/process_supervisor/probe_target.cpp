// SPDX-License-Identifier: Apache-2.0
#include "probe_target.hpp"

#include <charconv>

namespace picket::process_supervisor {
namespace {

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

// Names are not looked up: a resolver can take half a minute, and a check is of a program of this machine.
bool is_host(std::string_view host) {
  return host == "localhost" ||
         (!host.empty() && host.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos &&
          host.find_first_of(".:") != std::string_view::npos);
}

// HOST, HOST:PORT, [ADDRESS], [ADDRESS]:PORT.
bool parse_authority(std::string_view text, std::uint16_t port, ProbeTarget& target) {
  std::string_view host = text, digits;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    host = text.substr(1, close - 1);
    digits = text.substr(close + 1);
    if (!digits.empty() && digits[0] != ':') return false;
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    digits = text.substr(colon);
    if (host.find(':') != std::string_view::npos) return false;  // an IPv6 address without its brackets
  }
  target.port = port;
  if (!digits.empty() && !parse_port(digits.substr(1), target.port)) return false;
  target.host = host;
  target.authority = text;
  return is_host(host) && target.port != 0;
}

}  // namespace

Result<ProbeTarget> port_target(std::string_view text) {
  ProbeTarget target;
  if (text.starts_with("unix:")) {
    target.path = text.substr(5);
    if (target.path.empty()) return Error{"unix: needs a path", PICKET_INVALID};
    return target;
  }
  if (parse_port(text, target.port)) {
    target.host = "localhost";
    return target;
  }
  if (!parse_authority(text, 0, target)) {
    return Error{
        "\"" + std::string(text) + "\" is no port that can be asked: 8080, ADDRESS:8080, [::1]:8080 or unix:PATH",
        PICKET_INVALID};
  }
  return target;
}

Result<ProbeTarget> http_target(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  ProbeTarget target;
  const bool scheme = text.starts_with(kScheme);
  const std::string_view rest = scheme ? text.substr(kScheme.size()) : text;
  const std::size_t slash = rest.find_first_of("/?");
  bool right = scheme && parse_authority(rest.substr(0, slash), 80, target);
  if (slash != std::string_view::npos) target.path = rest.substr(slash);
  if (!target.path.starts_with('/')) target.path.insert(0, "/");
  for (const char c : target.path) right = right && c > ' ' && c < 0x7F && c != '#';
  if (!right) {
    return Error{
        "\"" + std::string(text) +
            "\" is no URL that can be asked: http://ADDRESS[:PORT]/PATH, with localhost or a number as the address",
        PICKET_INVALID};
  }
  return target;
}

int http_status(std::string_view beginning) {
  constexpr std::string_view kStart = "HTTP/1.";
  const std::size_t known = std::min(beginning.size(), kStart.size());
  if (beginning.substr(0, known) != kStart.substr(0, known)) return 0;
  if (beginning.size() < kStart.size() + 5) return -1;
  const std::string_view digits = beginning.substr(kStart.size() + 2, 3);
  int status = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), status);
  const bool right = error == std::errc() && end == digits.data() + digits.size() && status >= 100;
  return right && beginning[kStart.size() + 1] == ' ' ? status : 0;
}

}  // namespace picket::process_supervisor
