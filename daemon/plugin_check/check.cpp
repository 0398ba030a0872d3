// SPDX-License-Identifier: Apache-2.0
#include "plugin_check/check.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "config/units.hpp"
#include "platform/atomic_file.hpp"
#include "platform/child_process.hpp"
#include "platform/clock.hpp"
#include "platform/process.hpp"
#include "plugin_check/trial.hpp"

namespace picket::plugin_check {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostPatience = 2'500 * platform::kMillisecond;
constexpr std::uint64_t kMaxSettingsBytes = 4U << 20U;
constexpr std::size_t kShownOutputLines = 3;
constexpr const char* kReportName = "report";
constexpr const char* kOutputName = "output";

// A folder for the children, gone with this object.
class WorkFolder {
 public:
  static Result<WorkFolder> make() {
    std::error_code error;
    const fs::path temporary = fs::temp_directory_path(error);
    if (error) return Error{"there is no directory for temporary files: " + error.message()};
    const std::string prefix = "picket-check-" + std::to_string(platform::process_id()) + "-";
    for (int i = 0; i < 1'000; ++i) {
      const fs::path candidate = temporary / (prefix + std::to_string(i));
      if (fs::create_directory(candidate, error)) return WorkFolder(candidate);
      if (error) break;
    }
    return Error{"no folder can be made in " + temporary.string() + (error ? ": " + error.message() : "")};
  }
  WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit WorkFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// What the child printed last: the words of a sanitizer or of std::terminate are worth more than a signal's number.
std::string last_output(const fs::path& file) {
  const auto text = platform::read_whole_file(file, 1U << 20U);
  std::vector<std::string> lines;
  std::string line;
  for (const char c : text ? *text + "\n" : std::string()) {
    if (c != '\n') {
      line += c;
    } else if (!line.empty()) {
      lines.push_back(std::exchange(line, {}));
    }
  }
  const std::size_t first = lines.size() > kShownOutputLines ? lines.size() - kShownOutputLines : 0;
  std::string shown;
  for (std::size_t i = first; i < lines.size(); ++i) shown += (shown.empty() ? "" : " | ") + lines[i].substr(0, 300);
  return shown;
}

class Checker {
 public:
  Checker(const CheckOptions& options, fs::path file, fs::path folder)
      : options_(options), file_(std::move(file)), folder_(std::move(folder)) {}

  TrialResult check(const Trial& trial);

 private:
  void run(const Trial& trial, TrialResult& result) const;
  void judge(const platform::ChildEnd& end, const ReportContent& report, const fs::path& output,
             TrialResult& result) const;

  const CheckOptions& options_;
  const fs::path file_;
  const fs::path folder_;
  std::map<std::string, Verdict> verdicts_;
};

TrialResult Checker::check(const Trial& trial) {
  TrialResult result{trial.name, trial.promise, Verdict::not_run, {}, {}};
  const auto needed = trial.needs == nullptr ? verdicts_.end() : verdicts_.find(trial.needs);
  if (needed != verdicts_.end() && needed->second != Verdict::passed) {
    result.findings = {std::string("needs ") + trial.needs};
  } else {
    run(trial, result);
  }
  verdicts_[trial.name] = result.verdict;
  return result;
}

void Checker::run(const Trial& trial, TrialResult& result) const {
  result.verdict = Verdict::failed;
  const fs::path own = folder_ / trial.name;
  std::error_code error;
  fs::create_directory(own, error);
  platform::ChildProgram child;
  child.program = options_.program;
  child.output = own / kOutputName;
  child.arguments = {
      "plugins",  "check-one",  "--trial",       trial.name,
      "--folder", own.string(), "--patience-ns", std::to_string(std::min(options_.timeout_ns / 4, kMostPatience))};
  if (!options_.settings.empty())
    child.arguments.insert(child.arguments.end(), {"--settings", options_.settings.string()});
  if (options_.all_commands) child.arguments.emplace_back("--commands");
  child.arguments.push_back(file_.string());
  const auto end = platform::run_child(child, options_.timeout_ns);
  if (!end) {
    result.findings = {"the check itself failed: " + end.error().message};
  } else {
    judge(*end, read_report(own / kReportName), child.output, result);
  }
  fs::remove_all(own, error);
}

void Checker::judge(const platform::ChildEnd& end, const ReportContent& report, const fs::path& output,
                    TrialResult& result) const {
  using Kind = platform::ChildEnd::Kind;
  result.findings = report.findings;
  result.notes = report.notes;
  const std::string where = report.at.empty() ? "before anything was called" : "in " + report.at;
  bool ended_badly = true;
  if (end.kind == Kind::timed_out) {
    result.findings.push_back("did not come back within " + config::format_duration(options_.timeout_ns) + " " + where);
  } else if (end.kind == Kind::crashed) {
    result.findings.push_back("crashed " + where + ", by " + platform::describe_crash(end.code));
  } else if (!report.done) {
    result.findings.push_back("ended the process with exit code " + std::to_string(end.code) + " " + where +
                              "; a plugin never exits");
  } else if (end.code != 0) {
    result.findings.push_back("the process ended with exit code " + std::to_string(end.code) + " " + where);
  } else {
    ended_badly = false;
  }
  if (ended_badly) {
    if (const std::string words = last_output(output); !words.empty()) result.notes.push_back("it printed: " + words);
  }
  if (result.findings.empty()) result.verdict = Verdict::passed;
}

// The names of `only`, and of all that they need.
Result<std::set<std::string>> chosen_trials(const std::vector<std::string>& only) {
  std::set<std::string> chosen;
  for (const std::string& name : only) {
    const Trial* trial = find_trial(name);
    if (trial == nullptr) return Error{"there is no trial `" + name + "`; see --list", PICKET_NOT_FOUND};
    for (; trial != nullptr; trial = trial->needs == nullptr ? nullptr : find_trial(trial->needs)) {
      chosen.insert(trial->name);
    }
  }
  return chosen;
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::not_run:
      return "not run";
  }
  return "";
}

Result<std::vector<TrialResult>> check_plugin(const CheckOptions& options,
                                              const std::function<void(const TrialResult&)>& on_result) {
  std::error_code error;
  const fs::path file = fs::absolute(options.file, error).lexically_normal();
  if (error || !fs::is_regular_file(file, error)) {
    return Error{options.file.string() + ": there is no such file", PICKET_NOT_FOUND};
  }
  CheckOptions absolute = options;
  if (!options.settings.empty()) {
    absolute.settings = fs::absolute(options.settings, error);
    const auto readable = platform::read_whole_file(absolute.settings, kMaxSettingsBytes);
    if (!readable) return readable.error();
  }
  const auto chosen = chosen_trials(options.only);
  if (!chosen) return chosen.error();
  auto folder = WorkFolder::make();
  if (!folder) return folder.error();
  Checker checker(absolute, file, folder->path());
  std::vector<TrialResult> results;
  for (const Trial& trial : trials()) {
    if (!chosen->empty() && !chosen->contains(trial.name)) continue;
    results.push_back(checker.check(trial));
    on_result(results.back());
  }
  return results;
}

int run_trial(const ChildOptions& options) {
  platform::become_expendable(options.folder);
  Report report(options.folder / kReportName);
  const Trial* const trial = find_trial(options.trial);
  TrialInput input{options.file, {}, options.settings.string(), options.all_commands, options.patience_ns};
  if (!options.settings.empty()) {
    const auto text = platform::read_whole_file(options.settings, kMaxSettingsBytes);
    if (!text) report.fail_and_leave(text.error().message);
    input.settings_yaml = text->empty() ? "{}" : *text;
  }
  if (trial == nullptr) report.fail_and_leave("there is no trial `" + options.trial + "`");
  try {
    trial->run(input, report);
  } catch (const std::exception& exception) {
    report.fail(std::string("an exception: ") + exception.what());
  } catch (...) {
    report.fail("an exception of an unknown type");
  }
  report.done();
  // Only one trial looks at what happens when the process ends; in the others it would hide what they found.
  if (options.trial != "exit") std::_Exit(0);
  return 0;
}

}  // namespace picket::plugin_check
