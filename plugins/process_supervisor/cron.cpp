// SPDX-License-Identifier: Apache-2.0
#include "cron.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <ctime>
#include <vector>

namespace picket::process_supervisor {
namespace {

struct CronField {
  const char* name;
  int least, most;
  std::string_view names;  // three letters each, the first is `least`
};

constexpr std::array<CronField, 5> kCronFields = {{{"minute", 0, 59, ""},
                                                   {"hour", 0, 23, ""},
                                                   {"day of the month", 1, 31, ""},
                                                   {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                                   {"weekday", 0, 7, "sunmontuewedthufrisat"}}};

std::optional<int> cron_value(std::string_view text, const CronField& field) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) {
    return value >= field.least && value <= field.most ? std::optional(value) : std::nullopt;
  }
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower.size() != 3) return std::nullopt;
  for (std::size_t at = 0; at + 3 <= field.names.size(); at += 3) {
    if (field.names.substr(at, 3) == lower) return field.least + static_cast<int>(at / 3);
  }
  return std::nullopt;
}

// "*", "5", "1-5", "*/10", "1-30/2", joined by commas, as a set of bits; 0: malformed.
std::uint64_t cron_bits(std::string_view text, const CronField& field) {
  std::uint64_t bits = 0;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    int step = 1;
    bool stepped = false;
    if (const std::size_t slash = part.find('/'); slash != std::string_view::npos) {
      const std::string_view digits = part.substr(slash + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), step);
      if (error != std::errc() || end != digits.data() + digits.size() || step < 1) return 0;
      part = part.substr(0, slash);
      stepped = true;
    }
    int first = field.least, last = field.most;
    if (part != "*") {
      const std::size_t dash = part.find('-');
      const auto from = cron_value(part.substr(0, dash), field);
      if (!from) return 0;
      first = *from;
      if (dash != std::string_view::npos) {
        const auto to = cron_value(part.substr(dash + 1), field);
        if (!to || *to < first) return 0;
        last = *to;
      } else if (!stepped) {
        last = first;
      }
    }
    for (int value = first; value <= last; value += step) bits |= 1ULL << static_cast<unsigned>(value);
    if (comma == std::string_view::npos) return bits;
    text.remove_prefix(comma + 1);
  }
}

bool has(std::uint64_t bits, int value) {
  return (bits >> static_cast<unsigned>(value) & 1U) != 0;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kWords = {{{"@hourly", "0 * * * *"},
                                                                                           {"@daily", "0 0 * * *"},
                                                                                           {"@midnight", "0 0 * * *"},
                                                                                           {"@weekly", "0 0 * * 0"},
                                                                                           {"@monthly", "0 0 1 * *"},
                                                                                           {"@yearly", "0 0 1 1 *"}}};
  for (const auto& [word, meaning] : kWords) {
    if (text == word) return parse(meaning);
  }
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(" \t", at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    at = end;
  }
  if (words.size() != kCronFields.size()) {
    return Error{"\"" + std::string(text) +
                     "\" is no time of crontab: five fields, minute hour day month weekday, or @daily and the like",
                 PICKET_INVALID};
  }
  std::array<std::uint64_t, 5> bits{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    bits[i] = cron_bits(words[i], kCronFields[i]);
    if (bits[i] == 0) {
      return Error{"\"" + std::string(text) + "\": \"" + std::string(words[i]) + "\" is no " + kCronFields[i].name +
                       " (" + std::to_string(kCronFields[i].least) + " to " + std::to_string(kCronFields[i].most) + ")",
                   PICKET_INVALID};
    }
  }
  Cron cron;
  cron.minutes_ = bits[0];
  cron.hours_ = static_cast<std::uint32_t>(bits[1]);
  cron.days_ = static_cast<std::uint32_t>(bits[2]);
  cron.months_ = static_cast<std::uint32_t>(bits[3]);
  cron.weekdays_ = static_cast<std::uint32_t>(bits[4] | bits[4] >> 7U);  // 7 is Sunday, too
  cron.any_day_ = words[2].starts_with('*');
  cron.any_weekday_ = words[4].starts_with('*');
  return cron;
}

std::optional<std::int64_t> Cron::next(std::int64_t wall_ns) const {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  const std::time_t after = wall_ns / kSecondNs;
  const std::tm* const now = std::localtime(&after);  // NOLINT(concurrency-mt-unsafe): copied at once
  if (now == nullptr) return std::nullopt;
  std::tm date = *now;
  const int last_year = date.tm_year + 5;
  int minute = date.tm_min + 1, hour = date.tm_hour;
  // Days by noon: whatever a change of the clock does at night, the date is right.
  for (date.tm_hour = 12, date.tm_min = 0, date.tm_sec = 0; date.tm_year <= last_year;
       ++date.tm_mday, date.tm_hour = 12, date.tm_min = 0, hour = 0, minute = 0) {
    date.tm_isdst = -1;
    if (std::mktime(&date) == -1) return std::nullopt;
    if (!has(months_, date.tm_mon + 1)) continue;
    const bool day = has(days_, date.tm_mday), weekday = has(weekdays_, date.tm_wday);
    if (!(any_day_ || any_weekday_ ? day && weekday : day || weekday)) continue;
    for (; hour < 24; ++hour, minute = 0) {
      if (!has(hours_, hour)) continue;
      for (; minute < 60; ++minute) {
        if (!has(minutes_, minute)) continue;
        std::tm found = date;
        found.tm_hour = hour;
        found.tm_min = minute;
        found.tm_isdst = -1;
        const std::time_t time = std::mktime(&found);
        if (time > after && found.tm_hour == hour && found.tm_min == minute) return std::int64_t{time} * kSecondNs;
      }
    }
  }
  return std::nullopt;
}

}  // namespace picket::process_supervisor
