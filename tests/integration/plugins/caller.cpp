// SPDX-License-Identifier: Apache-2.0
//
// Calls commands of the daemon for a test: whatever a file says ("reload {}"), which it takes away, and writes the
// answer to the log.
#include <filesystem>
#include <fstream>
#include <map>
#include <picket/plugin.hpp>
#include <string>

namespace {

constexpr char kSchema[] = R"({
  "type": "object", "required": ["inbox"], "additionalProperties": false,
  "properties": {"inbox": {"description": "the file", "type": "string"}}})";

class Caller : public picket::Plugin {
 public:
  Caller(picket::Host host, const picket::Config& config) : Plugin(host), inbox_(config.text("/inbox")) {}

  void start() override {
    timer_ = picket::Timer::every(host(), std::chrono::milliseconds(20), [this](const picket::Tick&) { look(); });
  }
  void stop() override {
    timer_.cancel();
    calls_.clear();
  }

 private:
  void look() {
    std::ifstream file(inbox_);
    std::string command;
    std::string args;
    if (!(file >> command) || !std::getline(file, args)) return;
    file.close();
    std::filesystem::remove(inbox_);
    const int number = ++number_;
    calls_[number] = host().commands().call(
        "picket", command, args, std::chrono::seconds(60),
        [this, command](picket_status status, std::string_view answer) {
          host().info("answer to " + command + " (" + std::to_string(status) + "): " + std::string(answer));
        });
  }

  const std::string inbox_;
  picket::Timer timer_;
  std::map<int, picket::Call> calls_;
  int number_ = 0;
};

}  // namespace

PICKET_PLUGIN(Caller,
              {.id = "caller", .version = "1", .summary = "calls commands of the daemon", .config_schema = kSchema});
