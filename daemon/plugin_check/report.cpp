// SPDX-License-Identifier: Apache-2.0
#include "plugin_check/report.hpp"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace picket::plugin_check {
namespace {

constexpr std::size_t kMaxLine = 4'096;
constexpr std::size_t kMaxItems = 50;  // of findings, and of notes

}  // namespace

Report::Report(const std::filesystem::path& file) : file_(file, std::ios::binary | std::ios::trunc) {}

void Report::write(const char* key, const std::string& value) {
  const nlohmann::json line = {{key, value}};
  file_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, kMaxLine) << '\n'
        << std::flush;
}

void Report::at(const std::string& what) {
  const std::scoped_lock lock(mutex_);
  write("at", what);
}

void Report::fail(const std::string& finding) {
  const std::scoped_lock lock(mutex_);
  const std::string text = finding.substr(0, kMaxLine / 4);  // escapes make it longer
  if (findings_.size() >= kMaxItems || std::find(findings_.begin(), findings_.end(), text) != findings_.end()) return;
  findings_.push_back(text);
  write("fail", text);
}

void Report::note(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  write("note", text.substr(0, kMaxLine / 4));
}

void Report::done() {
  const std::scoped_lock lock(mutex_);
  write("done", "");
}

void Report::fail_and_leave(const std::string& finding) {
  fail(finding);
  done();
  std::_Exit(0);
}

bool Report::failed() const {
  const std::scoped_lock lock(mutex_);
  return !findings_.empty();
}

ReportContent read_report(const std::filesystem::path& file) {
  ReportContent content;
  std::ifstream in(file, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const auto item = nlohmann::json::parse(line, nullptr, false);
    if (!item.is_object() || item.empty() || !item.begin()->is_string()) continue;
    const std::string& key = item.begin().key();
    const std::string value = *item.begin();
    if (key == "at") content.at = value;
    if (key == "fail" && content.findings.size() < kMaxItems) content.findings.push_back(value);
    if (key == "note" && content.notes.size() < kMaxItems) content.notes.push_back(value);
    if (key == "done") content.done = true;
  }
  return content;
}

}  // namespace picket::plugin_check
