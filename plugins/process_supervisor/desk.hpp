// SPDX-License-Identifier: Apache-2.0
//
// The commands of an instance, and the callers that wait for what they asked for. [control]
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <picket/plugin.hpp>

#include "fleet.hpp"
#include "watcher.hpp"

namespace picket::process_supervisor {

inline constexpr char kStartArguments[] =
    R"json({"type": "object", "additionalProperties": false, "required": ["program"], "properties": {
  "program": {"type": "string", "minLength": 1, "description": "A program, an instance of one (web@1), a group, or all."},
  "alert": {"type": "string", "maxLength": 64, "default": "", "description": "For a route with a threshold: \"{alert.state}\". Unless it is raised (or empty), nothing is done, so that the end of an alert does not restart anything."},
  "wait": {"type": "boolean", "default": false, "description": "Answer when all are up, or it is clear that one is not."}}})json";
inline constexpr char kStopArguments[] =
    R"json({"type": "object", "additionalProperties": false, "required": ["program"], "properties": {
  "program": {"type": "string", "minLength": 1, "description": "A program, an instance of one (web@1), a group, or all."},
  "reason": {"type": "string", "maxLength": 500, "default": "", "description": "Is shown with what it does."},
  "drain": {"type": "boolean", "default": false, "description": "First what the program's drain says."},
  "now": {"type": "boolean", "default": false, "description": "Kill at once, and wait for no dependents."},
  "alert": {"type": "string", "maxLength": 64, "default": "", "description": "For a route with a threshold: \"{alert.state}\". Unless it is raised (or empty), nothing is done, so that the end of an alert does not restart anything."},
  "wait": {"type": "boolean", "default": false, "description": "Answer when all are down."}}})json";
inline constexpr char kRestartArguments[] =
    R"json({"type": "object", "additionalProperties": false, "required": ["program"], "properties": {
  "program": {"type": "string", "minLength": 1, "description": "A program, an instance of one (web@1), a group, or all."},
  "reason": {"type": "string", "maxLength": 500, "default": "", "description": "Is shown with what it does."},
  "cause": {"enum": ["command", "memory", "policy"], "default": "command", "description": "How it is counted: as an operator's, as one for memory, or as one by another rule."},
  "drain": {"type": "boolean", "default": false, "description": "First what the program's drain says."},
  "alert": {"type": "string", "maxLength": 64, "default": "", "description": "For a route with a threshold: \"{alert.state}\". Unless it is raised (or empty), nothing is done, so that the end of an alert does not restart anything."},
  "wait": {"type": "boolean", "default": false, "description": "Answer when all are up again, or it is clear that one is not."}}})json";
inline constexpr char kSignalArguments[] =
    R"json({"type": "object", "additionalProperties": false, "required": ["program", "signal"], "properties": {
  "program": {"type": "string", "minLength": 1, "description": "A program, an instance of one (web@1), a group, a watch, or all."},
  "signal": {"type": "string", "minLength": 1, "description": "HUP, SIGUSR1, 10, RTMIN+1."},
  "tree": {"type": "boolean", "default": false, "description": "To every process of it, not to the main one alone."}}})json";
inline constexpr char kStatusArguments[] = R"json({"type": "object", "additionalProperties": false, "properties": {
  "program": {"type": "string", "minLength": 1, "default": "all", "description": "A program, an instance of one (web@1), a group, or all."}}})json";
inline constexpr char kLogsArguments[] =
    R"json({"type": "object", "additionalProperties": false, "required": ["program"], "properties": {
  "program": {"type": "string", "minLength": 1, "description": "A program, an instance of one (web@1), a group, or all."},
  "lines": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 50, "description": "The last so many of each."}}})json";
inline constexpr char kNameArguments[] =
    R"json({"type": "object", "additionalProperties": false, "required": ["program"], "properties": {
  "program": {"type": "string", "minLength": 1, "description": "A program, an instance of one (web@1), a group, or all."}}})json";

class Desk {
 public:
  Desk(Host host, Fleet& fleet, Watcher& watcher);

  void execute(std::string_view command, std::string_view args_json, Reply&& reply);
  void abandoned(picket_call call);
  // A program has changed its state: somebody may have waited for it.
  void changed();
  void end() { waits_.clear(); }

  static constexpr std::size_t kMostWaits = 256;

 private:
  enum class Goal : std::uint8_t { up, down };
  struct Waited {
    std::string name;
    std::uint64_t starts;  // it must have been started more often than that
  };
  struct Wait {
    Goal goal;
    std::vector<Waited> programs;
    Reply reply;
  };
  void start_stop(std::string_view command, const nlohmann::ordered_json& args, const std::vector<Program*>& programs,
                  Reply&& reply);
  void signal(const nlohmann::ordered_json& args, Reply&& reply);
  std::string logs(const std::vector<Program*>& programs, std::size_t lines) const;
  std::string status(const std::vector<Program*>& programs, bool all) const;
  bool done(const Wait& wait) const;
  std::string outcome(const Wait& wait) const;

  Host host_;
  Fleet& fleet_;
  Watcher& watcher_;
  std::vector<Wait> waits_;
  Appointment look_ = 0;
};

}  // namespace picket::process_supervisor
