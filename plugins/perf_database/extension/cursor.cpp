// SPDX-License-Identifier: Apache-2.0
#include "cursor.hpp"

#include <bit>

#include "host_sqlite.hpp"
#include "meta_store.hpp"
#include "picket/host.h"

namespace picket::perf_database::extension {
namespace {

std::filesystem::path path_of(std::string_view text) {
  return std::filesystem::path(std::u8string(text.begin(), text.end()));
}

void answer_text(sqlite3_context* context, const std::string& text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash ^= word;
  hash *= 0xBF58476D1CE4E5B9ULL;
  return hash ^ (hash >> 29U);
}

}  // namespace

std::filesystem::path history_of(sqlite3* database, const TableShape& shape) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database, "PRAGMA database_list", -1, &statement, nullptr);
  if (code != SQLITE_OK) throw SqlError(code, {}, sqlite3_errmsg(database));
  std::filesystem::path found;
  while (found.empty() && sqlite3_step(statement) == SQLITE_ROW) {
    const auto* const file = reinterpret_cast<const char*>(sqlite3_column_text(statement, 2));
    const std::filesystem::path path = path_of(file == nullptr ? "" : file);
    if (path.filename() == kMetaFile) found = path.parent_path();
  }
  sqlite3_finalize(statement);
  if (found.empty()) {
    throw BadQuestion(std::string(shape.name) +
                      ": of which history? Open (or ATTACH) its meta.db, or name its directory "
                      "as one more argument: " +
                      shape.call);
  }
  return found;
}

void Cursor::start(const char* plan, std::span<sqlite3_value*> values) {
  row_ = nullptr;
  pager_.reset();
  series_.clear();
  question_ = read_question(shape_, plan, values);
  if (question_.nothing) return;
  const std::filesystem::path directory =
      question_.directory ? path_of(*question_.directory) : history_of(database_, shape_);
  series_ = find_series(directory, question_);
  const Extent extent = extent_of(directory, series_);
  std::vector<Pager::Series> wanted;
  wanted.reserve(series_.size());
  for (const WantedSeries& one : series_) wanted.push_back({one.id, one.info.instrument == PICKET_INSTRUMENT_COUNTER});
  pager_.emplace(HistoryReader(directory), std::move(wanted), std::max(question_.from_ns, extent.from_ns),
                 std::min(question_.to_ns, extent.to_ns), question_.step_ns);
  advance();
}

void Cursor::advance() {
  row_ = pager_->next();
  if (row_ != nullptr || question_.partial || pager_->problem().empty()) return;
  throw BadQuestion(std::string(shape_.name) + ": " + pager_->problem() +
                    " (these were all rows without it; WHERE partial = 1 leaves it out without an error)");
}

void Cursor::answer(sqlite3_context* context, std::size_t column) const {
  const SeriesInfo& info = series_[row_->index].info;
  switch (const Column wanted = shape_.columns[column]; wanted) {
    case Column::series:
      return sqlite3_result_int64(context, series_[row_->index].id);
    case Column::time:
      if (question_.step_ns != 0 && question_.step_ns % kSecond == 0) {
        return sqlite3_result_int64(context, row_->time_ns / kSecond);
      }
      return sqlite3_result_double(context, static_cast<double>(row_->time_ns) / static_cast<double>(kSecond));
    case Column::host:
      return answer_text(context, info.host);
    case Column::source:
      return answer_text(context, info.source);
    case Column::name:
      return answer_text(context, info.name);
    case Column::attributes:
      return answer_text(context, info.attributes);
    case Column::unit:
      return answer_text(context, info.unit);
    case Column::count:
      return sqlite3_result_int64(context, static_cast<std::int64_t>(row_->count));
    case Column::minimum:
      return sqlite3_result_double(context, row_->minimum);
    case Column::maximum:
      return sqlite3_result_double(context, row_->maximum);
    case Column::mean:
      return sqlite3_result_double(context, row_->mean);
    case Column::last:
    case Column::value:
      return sqlite3_result_double(context, row_->last);
    case Column::rate:
      return sqlite3_result_double(context, row_->rate);  // not a number is NULL
    case Column::time_ns:
      return sqlite3_result_int64(context, row_->time_ns);
    default:
      if (const auto given = question_.given.find(wanted); given != question_.given.end()) {
        sqlite3_result_value(context, given->second.get());
      }
      return;  // else NULL
  }
}

std::int64_t Cursor::row_id() const {
  std::uint64_t hash = mix(0x9E3779B97F4A7C15ULL, series_[row_->index].id);
  hash = mix(hash, static_cast<std::uint64_t>(row_->time_ns));
  hash = mix(hash, std::bit_cast<std::uint64_t>(row_->last));
  return static_cast<std::int64_t>(mix(hash, row_->count));
}

}  // namespace picket::perf_database::extension
