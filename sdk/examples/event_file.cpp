// SPDX-License-Identifier: Apache-2.0
//
// A sink in as few lines as it takes: writes each event as one line `kind key=value ...` to a file.
#include <charconv>
#include <cstdio>
#include <memory>
#include <picket/plugin.hpp>
#include <string>

namespace {

constexpr char kSchema[] = R"({
  "type": "object", "additionalProperties": false, "required": ["path"],
  "examples": [{"path": "events.jsonl"}],
  "properties": {"path": {"description": "the file, which is written anew", "type": "string", "format": "path"}}})";

class EventFile : public picket::Plugin, public picket::Sink {
 public:
  EventFile(picket::Host host, const picket::Config& config) : Plugin(host), path_(config.text("/path")) {}

  void start() override {
    file_.reset(std::fopen(path_.c_str(), "w"));
    if (!file_) throw picket::Failure("cannot write " + path_);
  }
  void stop() override {
    if (file_) std::fflush(file_.get());
  }

  picket_status consume(const picket::Delivery& delivery) override {
    line_.clear();
    for (const picket::EventView event : delivery) append(event);
    const bool written = std::fwrite(line_.data(), 1, line_.size(), file_.get()) == line_.size();
    return written ? PICKET_OK : PICKET_BUSY;  // a full disk: offered again later
  }
  void idle() override { std::fflush(file_.get()); }
  void flush() override { std::fflush(file_.get()); }

 private:
  void append(const picket::EventView& event) {
    line_ += host().text(event.kind());
    for (const picket::FieldView field : event) {
      line_ += ' ';
      line_ += field.key();
      line_ += '=';
      if (const auto text = field.text()) {
        line_ += *text;
      } else if (const auto number = field.number()) {
        char digits[32];
        line_.append(digits, std::to_chars(digits, digits + sizeof digits, *number).ptr);
      } else if (const auto flag = field.boolean()) {
        line_ += *flag ? "true" : "false";
      } else if (const auto json = field.json()) {
        line_ += *json;
      }
    }
    line_ += '\n';
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string line_;  // deliver only
};

}  // namespace

PICKET_PLUGIN(EventFile, {.id = "event_file",
                          .version = "1.0.0",
                          .summary = "writes events to a text file",
                          .config_schema = kSchema});
