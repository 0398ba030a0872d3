// SPDX-License-Identifier: Apache-2.0
#include "commands/history.hpp"

#include <optional>

namespace picket::commands {
namespace {

std::string text(picket_str borrowed) {
  return borrowed.length == 0 ? std::string() : std::string(borrowed.data, borrowed.length);
}

Error failure(picket_status status, const picket_error& error, const char* what) {
  return {
      error.message[0] != '\0' ? error.message : std::string(what) + " failed with status " + std::to_string(status),
      status};
}

struct SeriesReader {
  std::vector<Series> found;
  std::size_t limit;
  bool too_many = false;

  static std::int32_t on_series(void* context, const picket_history_series* series) {
    auto& self = *static_cast<SeriesReader*>(context);
    self.too_many = self.found.size() >= self.limit;
    if (self.too_many) return 1;
    self.found.push_back({series->id, series->instrument, text(series->host), text(series->source), text(series->name),
                          text(series->attributes), text(series->unit)});
    return 0;
  }
};

// One question, as the plugin's callbacks see it.
struct PointsRead {
  const PointsOfFn& each;
  std::size_t index = 0;  // of the series that points() reads
  bool ended = false;

  std::int32_t take(std::size_t of, const picket_history_point* points, std::uint32_t count) {
    ended = ended || !each(of, {points, count});
    return ended ? 1 : 0;
  }
  static std::int32_t on_points(void* context, const picket_history_point* points, std::uint32_t count) {
    auto& self = *static_cast<PointsRead*>(context);
    return self.take(self.index, points, count);
  }
  static std::int32_t on_many(void* context, std::uint32_t index, const picket_history_point* points,
                              std::uint32_t count) {
    return static_cast<PointsRead*>(context)->take(index, points, count);
  }
};

}  // namespace

Result<std::vector<Series>> PluginHistory::series(const std::string& glob, std::size_t limit) {
  SeriesReader reader{{}, limit};
  picket_error error{};
  const picket_status status =
      table_.series(self_, picket_str_of(glob.data(), glob.size()), &SeriesReader::on_series, &reader, &error);
  if (reader.too_many) {
    return Error{"more than " + std::to_string(limit) + " series match: name them more closely, or raise --limit",
                 PICKET_LIMIT};
  }
  if (status != PICKET_OK) return failure(status, error, "listing the series");
  return std::move(reader.found);
}

Result<void> PluginHistory::points_of(std::span<const std::uint64_t> series, std::int64_t from_ns, std::int64_t to_ns,
                                      std::int64_t step_ns, const PointsOfFn& each) {
  PointsRead read{each};
  picket_error error{};
  if (table_.points_of != nullptr) {
    const picket_status status = table_.points_of(self_, series.data(), static_cast<std::uint32_t>(series.size()),
                                                  from_ns, to_ns, step_ns, &PointsRead::on_many, &read, &error);
    if (status != PICKET_OK && !read.ended) return failure(status, error, "reading the series");
    return {};
  }
  std::optional<Error> first;
  for (; read.index < series.size(); ++read.index) {
    const picket_status status =
        table_.points(self_, series[read.index], from_ns, to_ns, step_ns, &PointsRead::on_points, &read, &error);
    if (read.ended) return {};
    // As points_of does: what is not there has no points, and what is damaged does not hide the rest.
    const bool fails = status != PICKET_OK && status != PICKET_NOT_FOUND;
    if (fails && !first) first = failure(status, error, "reading a series");
  }
  if (first) return *first;
  return {};
}

}  // namespace picket::commands
