// SPDX-License-Identifier: Apache-2.0
//
// A source that writes down what it was told is acknowledged, so that a test can hold the daemon to it: batches of
// numbers that ascend through all of its lives. It emits nothing while DIRECTORY/quiet exists.
//
//   DIRECTORY/lives          how often it was started
//   DIRECTORY/acknowledged   a line "FIRST LAST;" for each batch that was answered with OK, written before the next
//   event
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <picket/plugin.hpp>
#include <string>

namespace {

constexpr char kNumberedSchema[] = R"({
  "type": "object", "additionalProperties": false, "required": ["directory"],
  "properties": {
    "directory": {"description": "where it keeps its notes", "type": "string"},
    "batch": {"description": "events of one batch", "type": "integer", "minimum": 1, "default": 10}}})";
constexpr std::int64_t kLife = 1'000'000'000;  // numbers of one life
constexpr int kOpenTokens = 200;

class Numbered : public picket::Plugin, public picket::Source {
 public:
  Numbered(picket::Host host, const picket::Config& config)
      : Plugin(host), directory_(config.text("/directory")), batch_(config.integer("/batch", 10)) {}

  void start() override {
    // Renamed over, so that no kill leaves it empty: numbers that come again would hide what is lost.
    std::int64_t lives = 0;
    std::ifstream(directory_ + "/lives") >> lives;
    std::ofstream(directory_ + "/lives.new") << ++lives << std::flush;
    std::filesystem::rename(directory_ + "/lives.new", directory_ + "/lives");
    next_ = lives * kLife;
    notes_.open(directory_ + "/acknowledged", std::ios::app);
    notes_ << '\n' << std::flush;  // ends a line that an earlier life could not finish
    timer_ = picket::Timer::every(host(), std::chrono::milliseconds(1), [this](const picket::Tick&) { emit(); });
  }
  void stop() override { timer_.cancel(); }

  void acknowledged(std::uint64_t token, picket_status status) override {
    --open_;
    if (status != PICKET_OK) return;
    const auto first = static_cast<std::int64_t>(token);
    notes_ << std::to_string(first) + " " + std::to_string(first + batch_ - 1) + ";\n" << std::flush;
  }

 private:
  void emit() {
    if (std::filesystem::exists(directory_ + "/quiet")) return;
    for (int i = 0; i < 5 && open_ < kOpenTokens; ++i) {
      const auto events = static_cast<std::uint32_t>(batch_);
      picket::Batch batch(host(), events, 2 * events, 200 * events);
      for (std::int64_t number = next_; number < next_ + batch_; ++number) {
        batch.add(kind_).set(number_, number).set(text_, std::string_view(padding_));
      }
      if (batch.emit({}, static_cast<std::uint64_t>(next_)) != PICKET_OK) return;
      next_ += batch_;
      ++open_;
    }
  }

  const std::string directory_;
  const std::string padding_ = std::string(150, 'x');
  const std::int64_t batch_;
  picket::Name kind_ = host().name("log"), number_ = host().name("number"), text_ = host().name("message");
  std::ofstream notes_;
  std::int64_t next_ = 0;
  int open_ = 0;
  picket::Timer timer_;
};

}  // namespace

PICKET_PLUGIN(Numbered, {.id = "numbered",
                         .version = "1",
                         .summary = "emits numbers and notes their acknowledgements",
                         .config_schema = kNumberedSchema});
