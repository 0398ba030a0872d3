// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <nlohmann/json.hpp>

namespace picket::perf_database {

const char kSettingsSchema[] = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "url": {
      "description": "where the history is: sqlite:DIRECTORY, relative to the daemon's state directory or absolute",
      "type": "string", "pattern": "^sqlite:.+", "default": "sqlite:history"},
    "commit_interval": {
      "description": "how often samples are forced to the disk and acknowledged: what a power cut can cost at most",
      "type": "integer", "format": "duration", "default": "5s", "minimum": 100000000, "maximum": 300000000000},
    "keep": {
      "description": "how long each resolution is kept; raw samples go by whole weeks",
      "type": "object", "additionalProperties": false, "default": {},
      "properties": {
        "raw": {
          "description": "every sample",
          "anyOf": [{"const": "forever"}, {"type": "integer", "format": "duration", "minimum": 86400000000000}],
          "default": "30d"},
        "minute": {
          "description": "minimum, maximum, mean, last and count of each minute; goes by whole months",
          "anyOf": [{"const": "forever"}, {"type": "integer", "format": "duration", "minimum": 86400000000000}],
          "default": "1y"},
        "hour": {
          "description": "minimum, maximum, mean, last and count of each hour",
          "anyOf": [{"const": "forever"}, {"type": "integer", "format": "duration", "minimum": 86400000000000}],
          "default": "forever"},
        "day": {
          "description": "the same of each day",
          "anyOf": [{"const": "forever"}, {"type": "integer", "format": "duration", "minimum": 86400000000000}],
          "default": "forever"},
        "events": {
          "description": "how many events that are no metrics are kept, the newest ones",
          "type": "integer", "minimum": 0, "maximum": 100000000, "default": 100000}}},
    "max_size": {
      "description": "of all files together; the oldest raw samples go first, then the oldest minutes",
      "type": "integer", "format": "bytes", "default": "20GiB", "minimum": 16777216},
    "late": {
      "description": "how long after its end an hour waits for late samples before it is sealed; later ones are merged",
      "type": "integer", "format": "duration", "default": "2m", "minimum": 0, "maximum": 3600000000000},
    "max_series": {
      "description": "how many series may exist; samples of further ones are refused and counted",
      "type": "integer", "minimum": 1, "maximum": 10000000, "default": 100000},
    "host": {
      "description": "the host of series whose events name none; default: this machine's name",
      "type": "string", "minLength": 1, "maxLength": 255}}})";

namespace {

constexpr std::string_view kScheme = "sqlite:";

std::filesystem::path from_utf8(std::string_view text) {
  return std::u8string(text.begin(), text.end());
}

std::filesystem::path directory_of(Host host, const std::string& url) {
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    throw Failure("/url: '" + url + "' is no sqlite:DIRECTORY, the one kind of history that there is", PICKET_INVALID);
  }
  const std::filesystem::path path = from_utf8(std::string_view(url).substr(kScheme.size()));
  return path.is_absolute() ? path : from_utf8(host.state().root()) / path;
}

std::int64_t span_of(const nlohmann::json& keep, const char* tier, std::int64_t otherwise) {
  const auto found = keep.find(tier);
  if (found == keep.end()) return otherwise;
  if (found->is_string() && *found == "forever") return kForever;
  if (found->is_number_integer() && found->get<std::int64_t>() > 0) return found->get<std::int64_t>();
  throw Failure(std::string("/keep/") + tier + ": expected a duration such as 30d, or forever", PICKET_INVALID);
}

}  // namespace

Settings read_settings(Host host, const Config& config) {
  Settings settings;
  StoreSettings& store = settings.store;
  store.directory = directory_of(host, config.text("/url", "sqlite:history"));
  settings.commit_interval = config.duration("/commit_interval", settings.commit_interval);
  const nlohmann::json json = nlohmann::json::parse(config.json());
  const nlohmann::json keep = json.value("keep", nlohmann::json::object());
  store.keep_raw_ns = span_of(keep, "raw", store.keep_raw_ns);
  store.keep_minute_ns = span_of(keep, "minute", store.keep_minute_ns);
  store.keep_hour_ns = span_of(keep, "hour", store.keep_hour_ns);
  store.keep_day_ns = span_of(keep, "day", store.keep_day_ns);
  store.keep_events =
      static_cast<std::uint64_t>(config.integer("/keep/events", static_cast<std::int64_t>(store.keep_events)));
  store.max_bytes = static_cast<std::uint64_t>(config.integer("/max_size", static_cast<std::int64_t>(store.max_bytes)));
  store.late_ns = config.duration("/late", std::chrono::nanoseconds(store.late_ns)).count();
  store.max_series = static_cast<std::uint32_t>(config.integer("/max_series", store.max_series));
  settings.host = config.text("/host", machine_name());
  return settings;
}

}  // namespace picket::perf_database
