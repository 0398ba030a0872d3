// SPDX-License-Identifier: Apache-2.0
#include "signals.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "signal_table.hpp"

namespace picket::process_supervisor {
namespace {

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int> signal_number(std::string_view text) {
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (name.starts_with("SIG")) name.erase(0, 3);
  for (const NamedSignal& known : known_signals()) {
    if (known.name == name) return known.number;
  }
  const auto [first_realtime, last_realtime] = realtime_signals();
  if (first_realtime > 0 && name.starts_with("RTMIN+")) {
    const auto offset = whole_number(std::string_view(name).substr(6));
    if (offset && *offset >= 0 && first_realtime + *offset <= last_realtime) return first_realtime + *offset;
    return std::nullopt;
  }
  const auto number = whole_number(name);
  if (number && *number >= 1 && *number <= last_realtime) return number;
  return std::nullopt;
}

std::string signal_name(int number) {
  for (const NamedSignal& known : known_signals()) {
    if (known.number == number) return "SIG" + std::string(known.name);
  }
  const auto [first_realtime, last_realtime] = realtime_signals();
  if (first_realtime > 0 && number >= first_realtime && number <= last_realtime) {
    return "SIGRTMIN+" + std::to_string(number - first_realtime);
  }
  return "signal " + std::to_string(number);
}

std::string describe(const ExitStatus& status) {
  if (!status.signalled) {
    return "exited with code " + std::to_string(status.code) + (status.out_of_memory ? ": out of memory" : "");
  }
  return "killed by " + signal_name(status.code) + (status.core ? ", core dumped" : "") +
         (status.out_of_memory ? ": out of memory" : "");
}

}  // namespace picket::process_supervisor
