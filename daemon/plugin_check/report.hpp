// SPDX-License-Identifier: Apache-2.0
//
// What a trial says while it runs, in a file that its parent reads afterwards: so it is known where a child was when it
// crashed or was ended. One JSON object a line. The writer may be called from every thread.
#pragma once

#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

namespace picket::plugin_check {

class Report {
 public:
  explicit Report(const std::filesystem::path& file);

  // What is called or looked at now, "start()".
  void at(const std::string& what);
  // Something that the plugin must not do: what, and what to do about it. Each thing once.
  void fail(const std::string& finding);
  // Something that the reader should know, and that is no mistake.
  void note(const std::string& text);
  // The trial is over. Nothing that comes after counts.
  void done();

  // The same as fail() and done(), and ends the process at once: for a plugin that would not come back.
  [[noreturn]] void fail_and_leave(const std::string& finding);

  bool failed() const;

 private:
  void write(const char* key, const std::string& value);

  mutable std::mutex mutex_;
  std::ofstream file_;
  std::vector<std::string> findings_;  // guarded by mutex_
};

struct ReportContent {
  std::string at;  // the last one
  std::vector<std::string> findings;
  std::vector<std::string> notes;
  bool done = false;
};

// As much of a report as is there and can be read; a cut last line is left out.
ReportContent read_report(const std::filesystem::path& file);

}  // namespace picket::plugin_check
