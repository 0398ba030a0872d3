// SPDX-License-Identifier: Apache-2.0
//
// See file_settings.hpp.
#include "file_settings.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "setting_reader.hpp"
#include "settings.hpp"

namespace picket::perf_collector {

namespace {

using nlohmann::json;

constexpr std::int64_t kMostColumn = 10'000;
constexpr std::int64_t kMostDecimals = 15;
constexpr std::size_t kMostName = 255;  // bytes of a name of the daemon

std::uint32_t parse_instrument(const json& entry, const std::string& where) {
  const std::string instrument = get_text(entry, "instrument", where);
  if (instrument.empty() || instrument == "gauge") return PICKET_INSTRUMENT_GAUGE;
  if (instrument == "counter") return PICKET_INSTRUMENT_COUNTER;
  if (instrument == "updowncounter") return PICKET_INSTRUMENT_UPDOWNCOUNTER;
  fail(where + ".instrument", "must be gauge, counter or updowncounter");
}

std::vector<std::pair<std::string, std::string>> parse_attributes(const json& entry, const std::string& where) {
  std::vector<std::pair<std::string, std::string>> attributes;
  const auto found = entry.find("attributes");
  if (found == entry.end()) return attributes;
  const std::string here = where + ".attributes";
  if (!found->is_object() || found->size() > kMostFileAttributes) {
    fail(here, "must be a mapping of at most " + std::to_string(kMostFileAttributes) + " texts");
  }
  for (const auto& [key, value] : found->items()) {
    if (key.empty() || key.size() > kMostName) fail(here, "a name must have 1 to 255 bytes");
    if (key == "name" || key == "value") fail(here, "\"" + key + "\" is what every metric event has already");
    if (!value.is_string() || value.get_ref<const std::string&>().size() > kMostName) {
      fail(here + "." + key, "must be a text of at most 255 bytes");
    }
    attributes.emplace_back(key, value.get<std::string>());
  }
  return attributes;
}

NumberSettings parse_number_settings(const json& entry, const std::string& where) {
  NumberSettings number{get_text(entry, "regex", where), get_text(entry, "line", where),
                        static_cast<int>(get_integer(entry, "column", where, 1, kMostColumn, 1)),
                        entry.contains("each")};
  if (!number.regex.empty() && (entry.contains("line") || entry.contains("column"))) {
    fail(where, "give either regex, or line and column");
  }
  if (number.each && number.regex.empty() && number.line.empty() && number.column == 1) {
    fail(where + ".each",
         "without regex, the first word of each line tells the numbers apart: column must be 2 or more");
  }
  try {
    const NumberFinder check(number);
  } catch (const std::invalid_argument& problem) {
    fail(where + ".regex", problem.what());
  }
  return number;
}

FileSettings parse_file(const json& entry, const std::string& where, std::int64_t interval_ns) {
  check_keys(entry, where,
             {"name", "path", "regex", "line", "column", "each", "scale", "unit", "instrument", "decimals",
              "attributes", "every"});
  FileSettings file{get_text(entry, "name", where), get_text(entry, "path", where)};
  if (file.name.empty() || file.path.empty()) fail(where, "needs a name and a path");
  if (file.name.size() > kMostName) fail(where + ".name", "is longer than 255 bytes");
  file.number = parse_number_settings(entry, where);
  file.each = get_text(entry, "each", where);
  file.scale = get_number(entry, "scale", where, 1);
  if (file.scale == 0) fail(where + ".scale", "must not be 0");
  file.unit = get_text(entry, "unit", where);
  file.instrument = parse_instrument(entry, where);
  file.decimals = static_cast<std::int32_t>(get_integer(entry, "decimals", where, 0, kMostDecimals, -1));
  file.attributes = parse_attributes(entry, where);
  file.every_ns = get_duration(entry, "every", where, interval_ns);
  if (file.every_ns % interval_ns != 0) fail(where + ".every", "must be a multiple of interval");
  return file;
}

}  // namespace

FilesSettings parse_files(const json& list, const std::string& where, std::int64_t interval_ns) {
  if (!list.is_array() || list.size() > kMostFiles) {
    fail(where, "must be a list of at most " + std::to_string(kMostFiles) + " numbers");
  }
  FilesSettings settings;
  for (const json& entry : list) {
    const std::string here = where + "[" + std::to_string(settings.files.size()) + "]";
    settings.files.push_back(parse_file(entry, here, interval_ns));
    const FileSettings& file = settings.files.back();
    for (const FileSettings& other : settings.files) {
      if (other.name == file.name && (other.unit != file.unit || other.instrument != file.instrument)) {
        fail(here + ".name", "\"" + file.name + "\" has another unit or instrument in an earlier entry");
      }
    }
  }
  return settings;
}

CgroupsSettings parse_cgroups(const json& group, const std::string& where) {
  check_keys(group, where, {"include", "exclude", "depth", "limit"});
  CgroupsSettings settings;
  settings.paths = get_choice(group, where);
  settings.depth = static_cast<int>(get_integer(group, "depth", where, 1, kMostCgroupDepth, kDefaultCgroupDepth));
  settings.limit = static_cast<std::size_t>(
      get_integer(group, "limit", where, 1, static_cast<std::int64_t>(kMostCgroups), kDefaultCgroupLimit));
  return settings;
}

}  // namespace picket::perf_collector
