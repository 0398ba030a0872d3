// SPDX-License-Identifier: Apache-2.0
#include "commands/human_units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace picket::commands {
namespace {

struct Scale {
  double from;  // values of at least this size
  double by;    // are divided by this
  const char* suffix;
};

constexpr double kKi = 1024;
constexpr std::array<Scale, 6> kBytes = {{{kKi * kKi * kKi * kKi * kKi, kKi* kKi* kKi* kKi* kKi, " PiB"},
                                          {kKi * kKi * kKi * kKi, kKi* kKi* kKi* kKi, " TiB"},
                                          {kKi * kKi * kKi, kKi* kKi* kKi, " GiB"},
                                          {kKi * kKi, kKi* kKi, " MiB"},
                                          {kKi, kKi, " KiB"},
                                          {0, 1, " B"}}};
constexpr std::array<Scale, 7> kSeconds = {{{172'800, 86'400, " d"},
                                            {7'200, 3'600, " h"},
                                            {120, 60, " min"},
                                            {1, 1, " s"},
                                            {1e-3, 1e-3, " ms"},
                                            {1e-6, 1e-6, " us"},
                                            {0, 1e-9, " ns"}}};
constexpr std::array<Scale, 4> kCounts = {{{1e12, 1e12, " T"}, {1e9, 1e9, " G"}, {1e6, 1e6, " M"}, {0, 1, ""}}};

// Four significant digits, but never fewer than the whole part has, and no zeros at the end.
std::string number(double value) {
  if (value == 0) return "0";
  const double size = std::fabs(value);
  const int whole = size < 1 ? 1 : static_cast<int>(std::floor(std::log10(size))) + 1;
  std::array<char, 400> buffer{};  // the longest double in full
  const int length = size < 1e-3
                         ? std::snprintf(buffer.data(), buffer.size(), "%.3g", value)
                         : std::snprintf(buffer.data(), buffer.size(), "%.*f", whole >= 4 ? 0 : 4 - whole, value);
  std::string text(buffer.data(), static_cast<std::size_t>(length));
  if (text.find('.') != std::string::npos && text.find('e') == std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

template <std::size_t N>
std::string scaled(double value, const std::array<Scale, N>& scales) {
  if (value == 0) value = 0;  // no "-0"
  for (const Scale& scale : scales) {
    if (std::fabs(value) >= scale.from) {
      // Zero is of no size at all: it takes the plain unit.
      const Scale& shown = value == 0 && scale.by < 1 ? Scale{0, 1, " s"} : scale;
      return number(value / shown.by) + shown.suffix;
    }
  }
  return number(value);
}

std::string without_braces(std::string_view unit) {
  std::string text;
  for (const char c : unit) {
    if (c != '{' && c != '}') text += c;
  }
  return text;
}

}  // namespace

std::string human_value(double value, std::string_view unit) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (unit == "1") return number(value * 100) + " %";
  if (unit == "s") return scaled(value, kSeconds);
  if (unit == "By") return scaled(value, kBytes);
  if (unit == "By/s") return scaled(value, kBytes) + "/s";
  if (unit == "s/s") return number(value);  // the rate of a time is a plain number
  std::string text = scaled(value, kCounts);
  const std::string shown = without_braces(unit);
  if (shown.empty()) return text;
  return text + (shown.front() == '/' ? "" : " ") + shown;
}

std::string exact_number(double value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 32> buffer{};
  const auto [end, code] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return code == std::errc() ? std::string(buffer.data(), end) : std::string();
}

}  // namespace picket::commands
