// SPDX-License-Identifier: Apache-2.0
//
// A step `parse` that is fed one message at a time: what comes out, as one line of text without kind and source.
#pragma once

#include <string>
#include <string_view>

#include "../step_harness.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {

class ParseHarness : public StepHarness {
 public:
  explicit ParseHarness(std::string_view settings) : StepHarness(kParseStep, settings) {}

  // "severity@time key=value ..." of the event that goes on, which had severity 3, time 5 s and only this field. An
  // empty text when none does.
  std::string message(std::string_view text, picket_type type = PICKET_TYPE_TEXT) {
    input().event("log", "s", PICKET_SEVERITY_INFO).at(5'000'000'000).heap("message", type, text);
    const auto lines = feed();
    if (lines.empty()) return {};
    return lines.front().substr(std::string_view("log s ").size());
  }
  // The same without severity and time.
  std::string fields(std::string_view text, picket_type type = PICKET_TYPE_TEXT) {
    const std::string line = message(text, type);
    const std::size_t blank = line.find(' ');
    return blank == std::string::npos ? std::string() : line.substr(blank + 1);
  }
};

}  // namespace picket::routing
