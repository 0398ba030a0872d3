// SPDX-License-Identifier: Apache-2.0
//
// Which series are meant: names and labels as they are typed. Single thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "commands/history.hpp"
#include "picket/result.hpp"

namespace picket::commands {

// One --label: "cpu.mode=user", "device!=lo*". The value is a glob.
struct LabelFilter {
  std::string key;
  std::string value;
  bool differs = false;  // !=
};

// The error names the text and gives an example.
Result<std::vector<LabelFilter>> parse_labels(const std::vector<std::string>& texts);

// `*` is any text, `?` any one byte; everything else is itself.
bool matches_glob(std::string_view text, std::string_view pattern);

// The value of an attribute, or of `host` or `source`; empty when the series has none.
std::string label_of(const Series& series, const std::string& key);

// The keys under which any of the series has a label: its attributes, host and source. Sorted.
std::set<std::string> labels_of(const std::vector<Series>& series);

// Filters of one key with `=` are alternatives, all others must hold. A series without an attribute has it empty: it
// passes `key!=value`, and `key=` finds it.
bool matches_labels(const Series& series, const std::vector<LabelFilter>& labels);

struct Selection {
  std::vector<std::string> names;  // globs; none: every series
  std::vector<LabelFilter> labels;
  std::size_t limit = 1'000;
};

// Each series that any of the names matches, once, in the history's order. PICKET_LIMIT if there are more than the
// limit.
Result<std::vector<Series>> find_series(const Selection& selection, History& history);

// {"cpu":0,"cpu.mode":"user"} as people read it: cpu=0 cpu.mode=user
std::string readable_attributes(const std::string& attributes);

}  // namespace picket::commands
