// SPDX-License-Identifier: Apache-2.0
#include "commands/recorder.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string_view>

#include "commands/exit_codes.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "platform/atomic_file.hpp"
#include "routing/recorder/recording.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

// Lines of the recorder that are no events begin with this.
constexpr std::string_view kRecordKey = R"({"record":")";

bool wanted(std::string_view line, const std::string& only) {
  if (only.empty()) return true;
  if (!line.starts_with(kRecordKey)) return only == "events";
  const std::string_view kind = line.substr(kRecordKey.size());
  return (only == "decisions" && kind.starts_with("decision\"")) || (only == "log" && kind.starts_with("log\""));
}

int show_crash_record(const routing::Recording& recording, const std::string& only, std::ostream& out,
                      std::ostream& err) {
  const auto print = [&](std::string_view line) {
    if (wanted(line, only)) out << line << '\n';
  };
  print(recording_head(recording.reason, recording.contents));
  recording_lines(recording.contents, recording.names, print);
  for (const std::string& problem : recording.problems) err << "picket recorder show: " << problem << '\n';
  return recording.problems.empty() ? kExitOk : kExitNotWell;
}

}  // namespace

int show_record(const RecorderShowOptions& options, std::ostream& out, std::ostream& err) {
  const std::string name = service::printable(options.file);
  const auto file = platform::read_whole_file(options.file, routing::kMaxRecordingFile);
  if (!file.ok()) {
    err << "picket recorder show: " << name << ": " << file.error().message << '\n';
    return kExitUnavailable;
  }
  std::string_view text = *file;
  if (!text.starts_with('{')) {
    const auto recording = routing::read_crash_record(text);
    if (recording.ok()) return show_crash_record(**recording, options.only, out, err);
    err << "picket recorder show: " << name << ": " << recording.error().message << '\n';
    return kExitUnavailable;
  }
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (wanted(line, options.only)) out << line << '\n';
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return kExitOk;
}

void add_recorder(CLI::App& app, Verb& chosen) {
  CLI::App* const recorder = app.add_subcommand("recorder", "Read the files of the flight recorder");
  recorder->require_subcommand(1);
  recorder->footer("\n`picket recorder VERB --help` explains a verb, with examples.");
  const auto options = std::make_shared<RecorderShowOptions>();
  CLI::App* const show = add_verb(
      *recorder,
      {"show",
       "Show a crash record, or what the recorder wrote when asked, as JSON lines",
       {"picket recorder show /var/lib/picket/recorder/crash-1796083200-712.pktrec",
        "picket recorder show --only events crash-1796083200-712.pktrec > captured.jsonl"},
       {"1   the file is cut or damaged; what could be read is printed",
        "69  there is no such file, or it is none of the recorder's"}},
      chosen,
      [options]() -> Verb { return [options](const Surroundings& s) { return show_record(*options, s.out, s.err); }; });
  show->add_option("file", options->file, "The file")->required()->type_name("FILE");
  show->add_option("--only", options->only, "Nothing but the events, the decisions or the log lines")
      ->check(CLI::IsMember({"events", "decisions", "log"}));
}

}  // namespace picket::commands
