// SPDX-License-Identifier: Apache-2.0
//
// One series from several: --total and --by. Values are only put together within the same bucket. Single thread.
#pragma once

#include <string>
#include <vector>

#include "commands/answer.hpp"

namespace picket::commands {

enum class TotalKind { sum, mean, minimum, maximum };

// "sum", "mean", "min", "max"; the error names the option.
Result<TotalKind> parse_total(const std::string& word);

// Replaces the rows by one for each name, unit and set of values of the labels `by` (see label_of). A series that is
// sampled more seldom than the step keeps its value until the next one (a rate: since the last one), but not over a
// gap: then it is not part of the total.
//
// Of a sum or a mean, the minimum and maximum are those of its buckets: when the parts had theirs within a bucket is
// not known. The statistics of the whole range are over buckets, each counting once. PICKET_LIMIT: too many values.
//
// REQUIRES: values are kept and the grid has a step.
Result<std::vector<Row>> total_rows(std::vector<Row> rows, TotalKind kind, const std::vector<std::string>& by,
                                    const Answer& answer, bool points);

}  // namespace picket::commands
