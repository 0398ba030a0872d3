// SPDX-License-Identifier: Apache-2.0
//
// What `picket explain` prints: findings, and what happened to events, as text or as JSON. Internal to the verb.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "analysis/event_trace.hpp"
#include "analysis/findings.hpp"
#include "platform/terminal.hpp"

namespace picket::commands {

// Text: each with its place and line, then how many. JSON: {"findings": [...], "routes": N, "instances": N}.
void print_findings(const std::vector<analysis::Finding>& findings, const config::Model& model, bool json,
                    std::ostream& out);

// Prints moments one after the other; JSON is an array, whose end is written by end().
class MomentPrinter {
 public:
  MomentPrinter(bool json, const platform::Terminal& terminal, std::ostream& out)
      : json_(json), terminal_(terminal), out_(out) {}

  // `hint`: a word about the event's source; may be empty.
  void print(const analysis::Moment& moment, const std::string& hint);
  void end();

 private:
  void print_text(const analysis::Moment& moment, const std::string& hint);
  void print_route(const analysis::RouteTrace& route);
  void print_step(const analysis::StepTrace& step);
  std::string strong(const std::string& text) const;
  std::string verdict(const std::string& text, bool good) const;

  const bool json_;
  const platform::Terminal terminal_;
  std::ostream& out_;
  bool any_ = false;
};

// One moment as JSON: what --json prints.
nlohmann::ordered_json moment_json(const analysis::Moment& moment);

}  // namespace picket::commands
