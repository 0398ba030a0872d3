// SPDX-License-Identifier: Apache-2.0
//
// `picket plugins check`: runs each trial in a child process and tells what came of it. The calling thread waits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "picket/result.hpp"

namespace picket::plugin_check {

struct CheckOptions {
  std::filesystem::path program;   // this program, which runs the children too
  std::filesystem::path file;      // the library
  std::filesystem::path settings;  // a YAML file with settings for the instances; empty: the defaults
  std::int64_t timeout_ns = 0;     // of each trial
  bool all_commands = false;       // also those that may change something
  std::vector<std::string> only;   // names of trials; those that they need run too; empty: all
};

enum class Verdict { passed, failed, not_run };
const char* to_string(Verdict verdict);

struct TrialResult {
  std::string name, promise;
  Verdict verdict = Verdict::not_run;
  std::vector<std::string> findings;  // why it failed; of one that was not run, why not
  std::vector<std::string> notes;
};

// One result for each trial, in order; `on_result` hears of each as soon as it is there. Fails when the check itself
// cannot be done: no such file, no such trial, no room for its temporary files.
Result<std::vector<TrialResult>> check_plugin(const CheckOptions& options,
                                              const std::function<void(const TrialResult&)>& on_result);

// The child's side: what check_plugin() passes on its command line.
struct ChildOptions {
  std::string trial;
  std::filesystem::path file;
  std::filesystem::path folder;    // the child's own: its report is there, its temporary files go there
  std::filesystem::path settings;  // may be empty
  std::int64_t patience_ns = 0;
  bool all_commands = false;
};

// Runs one trial. Returns only for those that let the process end by itself; the exit code of the process.
int run_trial(const ChildOptions& options);

}  // namespace picket::plugin_check
