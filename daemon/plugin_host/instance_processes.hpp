// SPDX-License-Identifier: Apache-2.0
//
// One instance's programs: turns the C calls of picket.process/1 into requests, and what comes back into [control]
// calls of the plugin. Owned by the instance, which outlives it.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "picket/ext/process.h"
#include "platform/executor.hpp"
#include "process/processes.hpp"

namespace picket::plugin_host {

class InstanceProcesses : public std::enable_shared_from_this<InstanceProcesses> {
 public:
  struct Parts {
    std::string instance;
    std::shared_ptr<platform::Lane> control;
    std::shared_ptr<process::Processes> processes;  // may be null: not here
    // Runs a call into the plugin as a [control] call.
    std::function<void(const char* what, const std::function<void()>& call)> enter;
    // Whether this thread is inside of one.
    std::function<bool()> inside;
  };
  explicit InstanceProcesses(Parts parts) : parts_(std::move(parts)) {}

  // See picket_process. [any]
  picket_status open(const picket_process_events& events, void* context, picket_error* error);
  void close();
  picket_program start(const picket_program_spec& spec, picket_error* error);
  picket_status request(process::Order order);
  picket_program watch(std::int64_t pid, std::uint64_t start_time, picket_process_identity* identity,
                       picket_error* error);

 private:
  void hear(std::uint64_t life, process::Heard heard);
  void call(const picket_process_events& events, void* context, const process::Heard& heard);

  const Parts parts_;
  std::mutex mutex_;  // guards all below
  std::condition_variable quiet_;
  picket_process_events events_{};
  void* context_ = nullptr;
  std::uint64_t life_ = 0;  // counts opens and closes; odd: open
  bool calling_ = false;
};

// Fills an order from the C structs; INVALID with what is wrong.
Result<process::StartRequest> read_start(const picket_program_spec& spec);
Result<process::Tuning> read_tuning(const picket_process_tuning* tuning);
process::Limits read_limits(const picket_program_limits* limits);

// The functions behind picket.process/1; host_table.cpp hands them out.
const picket_process& host_processes();

}  // namespace picket::plugin_host
