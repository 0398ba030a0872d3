// SPDX-License-Identifier: Apache-2.0
//
// The trials of `picket plugins check`: each pins one promise of the ABI, and runs in a process of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "plugin_check/report.hpp"

namespace picket::plugin_check {

// What a trial is about.
struct TrialInput {
  std::filesystem::path file;    // the library, absolute
  std::string settings_yaml;     // what --settings names; empty: none was given
  std::string settings_name;     // the name of that file
  bool all_commands = false;     // also those that change something
  std::int64_t patience_ns = 0;  // how long a part of a trial waits for the plugin; well below the trial's own limit
};

// Runs in the child. An exception that leaves it counts as the plugin's.
using TrialFn = void (*)(const TrialInput& input, Report& report);

struct Trial {
  const char* name;     // "start-stop"
  const char* promise;  // what holds when it passes
  const char* needs;    // the trial without whose success this one means nothing; null: none
  TrialFn run;
};

// In the order in which they run: each after what it needs.
std::span<const Trial> trials();

// Null when there is none of that name.
const Trial* find_trial(std::string_view name);

// --- trials_file.cpp: the library and what it says of itself ---------------------------------------------------------
void try_symbols(const TrialInput& input, Report& report);
void try_load(const TrialInput& input, Report& report);
void try_handshake(const TrialInput& input, Report& report);
void try_schema(const TrialInput& input, Report& report);
// --- trials_life.cpp: instances come and go --------------------------------------------------------------------------
void try_create(const TrialInput& input, Report& report);
void try_create_again(const TrialInput& input, Report& report);
void try_extensions(const TrialInput& input, Report& report);
void try_bare_host(const TrialInput& input, Report& report);
void try_bad_settings(const TrialInput& input, Report& report);
void try_start_stop(const TrialInput& input, Report& report);
void try_restart(const TrialInput& input, Report& report);
void try_exit(const TrialInput& input, Report& report);
// --- trials_flow.cpp: what it emits ----------------------------------------------------------------------------------
void try_emit(const TrialInput& input, Report& report);
void try_stop_during_emit(const TrialInput& input, Report& report);
void try_busy(const TrialInput& input, Report& report);
// --- trials_sink.cpp: what it is given -------------------------------------------------------------------------------
void try_consume(const TrialInput& input, Report& report);
void try_flush(const TrialInput& input, Report& report);
void try_threads(const TrialInput& input, Report& report);
// --- trials_requests.cpp: what it is asked ---------------------------------------------------------------------------
void try_commands(const TrialInput& input, Report& report);
void try_reload(const TrialInput& input, Report& report);
void try_health(const TrialInput& input, Report& report);
void try_history(const TrialInput& input, Report& report);

}  // namespace picket::plugin_check
