// SPDX-License-Identifier: Apache-2.0
//
// Values the way people read them. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace picket::commands {

// `unit` is UCUM as metrics declare it (picket_metric.unit):
//   By, By/s      12.5 MiB, 3 KiB/s      powers of 1024
//   1             12.3 %                 a ratio
//   s             1.25 ms, 3.5 s, 2.1 h
//   {packet}/s    12.3 packet/s          annotations lose their braces; a million and more become 1.2 M, 3 G
// Four significant digits. Not-a-number is "-".
std::string human_value(double value, std::string_view unit);

// The shortest text that reads back as the same number, for CSV: "0.1", "1e+300", "nan".
std::string exact_number(double value);

}  // namespace picket::commands
