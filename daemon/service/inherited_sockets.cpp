// SPDX-License-Identifier: Apache-2.0
#include "service/inherited_sockets.hpp"

#include <charconv>

namespace picket::service {
namespace {

constexpr std::uint32_t kMostInherited = 1'024;

std::uint32_t number_or_zero(const std::optional<std::string>& text) {
  std::uint32_t number = 0;
  if (!text) return 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  return error == std::errc() && end == text->data() + text->size() ? number : 0;
}

}  // namespace

std::vector<std::string> InheritedSockets::names(
    const std::function<std::optional<std::string>(const std::string&)>& variable, std::uint32_t process_id) {
  if (number_or_zero(variable("LISTEN_PID")) != process_id) return {};
  const std::uint32_t count = number_or_zero(variable("LISTEN_FDS"));
  if (count > kMostInherited) return {};
  std::vector<std::string> names(count, "unknown");
  const std::string given = variable("LISTEN_FDNAMES").value_or("");
  std::string_view rest = given;
  for (std::string& name : names) {
    if (rest.empty()) break;
    const std::size_t colon = rest.find(':');
    name = std::string(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return names;
}

}  // namespace picket::service
