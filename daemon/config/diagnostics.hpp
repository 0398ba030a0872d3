// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a configuration: all of it, each with its place. Filled by load(), shown by every verb that reads
// the configuration. One thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/model.hpp"

namespace picket::config {

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  Location where;       // line 0: the file as a whole; no file: the configuration as a whole
  std::string message;  // one sentence that says what is wrong and what to do; never a secret
  std::string line;     // of the file, without its line break; empty when it is not shown
};

class Diagnostics {
 public:
  static constexpr std::size_t kMaxItems = 1'000;  // kept; the rest is counted
  static constexpr std::size_t kMaxLine = 160;     // bytes of a shown line, around the caret

  void add(Diagnostic item);

  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }

  // Whether further items are counted only, so that their place need not be worked out.
  bool full() const { return items_.size() >= kMaxItems; }

  // Grouped by file, and by position in each.
  const std::vector<Diagnostic>& items() const { return items_; }

  // `file:line:column: problem` for each, then the line and a caret under the column. Ends with a line break unless
  // empty. Warnings say `warning: ` before the problem.
  std::string render() const;

  // A JSON array of {severity, file, line, column, message}.
  std::string json() const;

 private:
  std::vector<Diagnostic> items_;
  std::vector<std::string> files_;  // in order of first mention
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

}  // namespace picket::config
