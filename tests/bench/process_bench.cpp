// SPDX-License-Identifier: Apache-2.0
//
// Programs by way of the holder, from the daemon's side of it: 500 starts and ends beside a bare loop of posix_spawn
// and pidfds; the time from a death to its report; megabytes per second of one program's captured output.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "picket/ext/process.h"
#include "process/processes.hpp"

namespace {

using namespace picket::process;  // NOLINT(google-build-using-namespace): a program of one file
using Clock = std::chrono::steady_clock;

constexpr int kStarts = 500;

// One holder, and what was heard.
class Bench {
 public:
  explicit Bench(const std::string& control_groups) {
    std::string name = (std::filesystem::temp_directory_path() / "process-bench-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    processes_ = Processes::make(directory_ + "/p", PICKET_PROGRAM, control_groups, [](bool, const std::string&) {});
    const auto opened = processes_->open("bench", [this](Heard heard) {
      const std::scoped_lock lock(mutex_);
      std::visit([this](auto& said) { hear(said); }, heard);
      changed_.notify_all();
    });
    if (!opened.ok()) throw std::runtime_error(opened.error().message);
    wait([this] { return ready_; });
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() {
    processes_.reset();
    std::error_code ignored;  // the holder may be removing its records at this moment
    std::filesystem::remove_all(directory_, ignored);
  }

  ProgramId start(std::vector<std::string> arguments, bool is_captured = false) {
    StartRequest request;
    request.order.key = "bench";
    request.order.arguments = std::move(arguments);
    request.order.environment = {"PATH=/usr/bin:/bin"};
    if (is_captured) request.order.output.flags = PICKET_OUTPUT_CAPTURE;
    request.order.output.backlog_disk = 4ULL << 30U;
    const auto id = processes_->start("bench", std::move(request));
    if (!id.ok()) throw std::runtime_error(id.error().message);
    return *id;
  }
  template <typename Condition>
  void wait(const Condition& condition) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, condition);
  }
  void forget_all() {
    const std::scoped_lock lock(mutex_);
    for (const ProgramId id : ended_) processes_->request("bench", Forget{id});
    ended_.clear();
  }

  // Guarded by the lock that wait() holds.
  bool ready_ = false, stream_ended_ = false;
  int started_ = 0, exited_ = 0;
  pid_t pid_ = 0;
  Clock::time_point exit_heard_;
  std::uint64_t bytes_ = 0, dropped_ = 0;
  std::vector<ProgramId> ended_;

 private:
  void hear(const Ready&) { ready_ = true; }
  void hear(const Started& said) {
    ++started_;
    pid_ = static_cast<pid_t>(said.leader.pid);
  }
  void hear(const Output& said) {
    bytes_ += said.data.size();
    dropped_ += said.dropped;
    stream_ended_ = (said.flags & PICKET_OUTPUT_END) != 0;
    processes_->request("bench", Acknowledge{said.id, said.stream, said.offset + said.data.size() + said.dropped});
  }
  void hear(const Exited&) {
    exit_heard_ = Clock::now();
    ++exited_;
  }
  void hear(const Emptied& said) { ended_.push_back(said.id); }
  template <typename Other>
  void hear(const Other&) {}

  std::string directory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Processes> processes_;
};

void start_and_end_500(benchmark::State& state, const char* control_groups) {
  Bench bench(control_groups);
  for ([[maybe_unused]] const auto turn : state) {
    for (int i = 0; i < kStarts; ++i) bench.start({"/bin/true"});
    bench.wait([&] { return bench.ended_.size() == kStarts; });
    bench.forget_all();
  }
  state.SetItemsProcessed(state.iterations() * kStarts);
}
BENCHMARK_CAPTURE(start_and_end_500, without_control_groups, "none")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(start_and_end_500, with_control_groups, "auto")->UseRealTime()->Unit(benchmark::kMillisecond);

// The floor: no record, no group, no pipe, no report.
void bare_spawn_and_wait_500(benchmark::State& state) {
  for ([[maybe_unused]] const auto turn : state) {
    std::vector<pollfd> pidfds;
    std::vector<pid_t> children;
    for (int i = 0; i < kStarts; ++i) {
      char name[] = "/bin/true";
      char* arguments[] = {name, nullptr};
      pid_t child = 0;
      if (posix_spawn(&child, name, nullptr, nullptr, arguments, environ) != 0) throw std::runtime_error("spawn");
      pidfds.push_back({static_cast<int>(syscall(SYS_pidfd_open, child, 0)), POLLIN, 0});
      children.push_back(child);
    }
    for (int i = 0; i < kStarts; ++i) {
      poll(&pidfds[static_cast<std::size_t>(i)], 1, -1);
      waitpid(children[static_cast<std::size_t>(i)], nullptr, 0);
      close(pidfds[static_cast<std::size_t>(i)].fd);
    }
  }
  state.SetItemsProcessed(state.iterations() * kStarts);
}
BENCHMARK(bare_spawn_and_wait_500)->UseRealTime()->Unit(benchmark::kMillisecond);

void death_to_report(benchmark::State& state) {
  Bench bench("none");
  for ([[maybe_unused]] const auto turn : state) {
    const int before = bench.exited_;
    bench.started_ = 0;
    bench.start({"/bin/sleep", "1000"});
    bench.wait([&] { return bench.started_ == 1; });
    const auto began = Clock::now();
    kill(bench.pid_, SIGKILL);
    bench.wait([&] { return bench.exited_ > before; });
    state.SetIterationTime(std::chrono::duration<double>(bench.exit_heard_ - began).count());
    bench.wait([&] { return bench.ended_.size() == 1; });
    bench.forget_all();
  }
}
BENCHMARK(death_to_report)->UseManualTime()->Unit(benchmark::kMicrosecond);

void captured_output_of_one(benchmark::State& state) {
  Bench bench("none");
  for ([[maybe_unused]] const auto turn : state) {
    bench.stream_ended_ = false;
    bench.start({"/bin/dd", "if=/dev/zero", "bs=256k", "count=2048", "status=none"}, true);
    bench.wait([&] { return bench.stream_ended_; });
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bench.bytes_));
  state.counters["dropped"] = static_cast<double>(bench.dropped_);
}
BENCHMARK(captured_output_of_one)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
