// SPDX-License-Identifier: Apache-2.0
//
// A library that waits for every child of the process it is loaded into, whoever started it. It keeps at it on a thread
// of its own, and has a child of its own, so that it is seen to work: NOTE is written when it has collected that.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <picket/plugin.hpp>
#include <string>
#include <thread>

namespace {

class Reaping : public picket::Plugin {
 public:
  Reaping(picket::Host host, const picket::Config& config) : Plugin(host), note_(config.text("/note")) {}

  void start() override {
    const pid_t own = fork();
    if (own == 0) _exit(0);
    if (own < 0) throw picket::Failure("no child");
    thread_ = std::thread([this, own] {
      while (!over_) {
        const pid_t got = ::waitpid(-1, nullptr, WNOHANG);
        if (got == own) std::ofstream(note_) << "collected\n";
        if (got <= 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // poll: there may be no child yet
      }
    });
  }
  void stop() override {
    over_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  const std::string note_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace

PICKET_PLUGIN(Reaping, {.id = "reaping",
                        .version = "1",
                        .summary = "waits for every child",
                        .config_schema = R"({"type": "object", "required": ["note"], "additionalProperties": false,
                                             "properties": {"note": {"type": "string"}}})"});
