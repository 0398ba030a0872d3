// SPDX-License-Identifier: Apache-2.0
//
// What a verb has around it. main gives it the process's own; tests give it strings.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "platform/clock.hpp"
#include "platform/terminal.hpp"
#include "platform/time_zone.hpp"

namespace picket::commands {

struct Surroundings {
  std::ostream& out;  // what was asked for
  std::ostream& err;  // everything else
  platform::Terminal terminal;
  std::function<std::optional<std::string>(const std::string& name)> environment;
  const platform::Clock& clock;
  const platform::TimeZone& zone = platform::utc_zone();
};

// A verb with its options parsed: does the work, and returns an exit code.
using Verb = std::function<int(const Surroundings&)>;

}  // namespace picket::commands
