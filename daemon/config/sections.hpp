// SPDX-License-Identifier: Apache-2.0
//
// The steps of load() after parsing, one function for each section of the file. Internal to this folder; single thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader.hpp"
#include "config/prepared_schema.hpp"
#include "config/tree.hpp"

namespace picket::config {

// The sections that a file may have, in the order in which messages list them.
const std::vector<std::string>& section_names();

// The files to read, in order: each given one (or picket.yaml of a given directory), then conf.d/*.yaml beside it in
// byte order of their names. A file that would be read twice is an error.
std::vector<std::filesystem::path> find_files(const std::vector<std::filesystem::path>& given,
                                              Diagnostics& diagnostics);

// One mapping of `daemon`, `instances`, `routes` and `tests` (each absent when no file has it). What two files say is
// an error that names both places.
Node merge_documents(std::vector<Node> documents, Diagnostics& diagnostics);

// `section` may be null: then everything is a default.
// If the section has mistakes, the result is what holds without it, but plugin_dirs are its own where they are sound.
DaemonSettings check_daemon(const Entry* section, const LoadInput& input, Diagnostics& diagnostics);

// The instances that could be understood; `instances` may be null.
void check_instances(const Node* instances, const LoadInput& input, Model& model, Diagnostics& diagnostics);

// The routes between the instances that the files name; either section may be null.
void check_routes(const Node* routes, const Node* instances, const LoadInput& input, Model& model,
                  Diagnostics& diagnostics);

// The call that the destination `node` of a route makes; nullopt when it says no `command`. `checked` is its value if
// the schema found it sound, else null. `what` begins each message.
std::optional<CommandCall> check_command_call(const Node& node, const nlohmann::json& checked, const std::string& what,
                                              const LoadInput& input, Diagnostics& diagnostics);

// The steps of the route `name`, with every mistake reported; those without mistakes. `schemas` are prepared once for
// each type.
class StepChecker {
 public:
  static constexpr std::size_t kMaxSteps = 64;  // of one route

  explicit StepChecker(const StepSchemas* schemas) : schemas_(schemas) {}
  std::vector<Step> check(const Node& steps, const std::string& route, Diagnostics& diagnostics);

 private:
  std::optional<Step> check_one(const Node& node, const std::string& what, Diagnostics& diagnostics);

  const StepSchemas* schemas_;
  std::map<std::string, PreparedSchema> prepared_;
};

// The tests, which run nothing here; both sections may be null. After check_routes(): they name the model's routes.
void check_tests(const Node* tests, const Node* instances, const LoadInput& input, Model& model,
                 Diagnostics& diagnostics);

// Its `expect`; `checked` fits the schema.
std::vector<TestExpectation> check_test_expectations(const Node& expect, const nlohmann::json& checked,
                                                     std::int64_t start_ns, const std::string& what,
                                                     const LoadInput& input, const Model& model,
                                                     Diagnostics& diagnostics);

// One expected event or call: what `node`, a mapping, says about it beside `at` and `where`. `in_fields`: every key is
// a field, also those that are called like a part of an event. `start_ns`: what times as offsets count from.
std::vector<TestValue> check_test_values(const Node& node, bool in_fields, std::int64_t start_ns,
                                         const LoadInput& input, const std::string& what, Diagnostics& diagnostics);

// Reports every `!secret` in `node`, which belongs to the section `section`.
void refuse_secrets(const Node& node, const std::string& section, Diagnostics& diagnostics);

// The node that a JSON pointer means: the whole value, or as much of the way as the file says (then not `exact`).
const Node& node_at(const Node& root, std::string_view pointer, bool& exact);

// Names of instances and routes: [A-Za-z][A-Za-z0-9_-]{0,63}. Reports when `entry`'s is none, or is reserved.
bool check_name(const Entry& entry, const char* what, Diagnostics& diagnostics);

// The daemon's own name among instances: a source of its events, never an instance.
inline constexpr std::string_view kDaemonInstance = "picket";

}  // namespace picket::config
