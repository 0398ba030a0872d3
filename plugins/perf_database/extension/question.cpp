// SPDX-License-Identifier: Apache-2.0
//
// A plan is a text with two letters for each value that xFilter is to get: the column ('A' is the first of Column) and
// how it is compared: = < l(ess or equal) > g(reater or equal).
#include "question.hpp"

#include <algorithm>
#include <cmath>

#include "host_sqlite.hpp"

namespace picket::perf_database::extension {
namespace {

constexpr char kFirstColumn = 'A';
constexpr std::int64_t kMaxSeconds = kForever / kSecond;
constexpr std::int64_t kFarthest = kForever / 2;
constexpr std::int64_t kMaxStep = 3'660 * kDay;
// Times as REAL are that exact at best in our century (a double has 53 bits). What is read too much, SQLite drops.
constexpr std::int64_t kMicrosecond = 1'000;

char comparison(int op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return '=';
    case SQLITE_INDEX_CONSTRAINT_LT:
      return '<';
    case SQLITE_INDEX_CONSTRAINT_LE:
      return 'l';
    case SQLITE_INDEX_CONSTRAINT_GT:
      return '>';
    case SQLITE_INDEX_CONSTRAINT_GE:
      return 'g';
    default:
      return 0;
  }
}

// Whether a term on this column helps to read less. Arguments must be given exactly.
bool helps(const TableShape& shape, Column column, char compared) {
  if (compared == 0) return false;
  if (column == Column::time || column == Column::time_ns) return true;
  if (compared != '=') return false;
  return is_argument(column) || column == Column::series || (column == Column::name && !shape.one_series);
}

std::int64_t times_second(std::int64_t seconds) {
  return std::clamp(seconds, -kMaxSeconds, kMaxSeconds) * kSecond;
}

// To the microsecond, so that what `time` said comes back as it was. REQUIRES: a number
std::int64_t nanoseconds(sqlite3_value* value) {
  if (sqlite3_value_numeric_type(value) == SQLITE_INTEGER) return times_second(sqlite3_value_int64(value));
  const double seconds = sqlite3_value_double(value);
  if (std::isnan(seconds)) return 0;
  if (std::fabs(seconds) >= static_cast<double>(kMaxSeconds)) return seconds < 0 ? -kForever : kForever;
  const double whole = std::floor(seconds);
  return static_cast<std::int64_t>(whole) * kSecond + std::llround((seconds - whole) * 1e6) * kMicrosecond;
}

bool is_number(sqlite3_value* value) {
  const int type = sqlite3_value_numeric_type(value);
  return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

std::string text_of(sqlite3_value* value) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return text == nullptr ? std::string() : std::string(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

class QuestionMaker {
 public:
  explicit QuestionMaker(const TableShape& shape) : shape_(shape) { question_.step_ns = shape.default_step; }

  void take(Column column, char compared, sqlite3_value* value) {
    if (is_argument(column)) {
      question_.given[column].reset(sqlite3_value_dup(value));
      return take_argument(column, value);
    }
    if (sqlite3_value_type(value) == SQLITE_NULL) {
      question_.nothing = true;  // nothing compares with it
    } else if (column == Column::name) {
      question_.name = text_of(value);
    } else if (column == Column::series) {
      if (is_number(value)) {
        take_series(value);
      } else {
        question_.nothing = true;
      }
    } else if (is_number(value)) {
      narrow(column, compared, value);
    }
  }

  Question finish() {
    if (shape_.one_series && !question_.series && !question_.nothing) {
      throw BadQuestion(std::string(shape_.name) + ": which series? Call " + shape_.call +
                        ", or say WHERE series = ...; the table `series` has their ids");
    }
    // The last bucket that is wanted begins before that time; it is to be whole.
    const std::int64_t step = std::max<std::int64_t>(question_.step_ns, 1);
    if (until_ < kForever - 2 * kMaxStep) until_ = floor_to(until_ - 1, step) + step;
    question_.from_ns = std::max(question_.from_ns, since_);
    question_.to_ns = std::min(question_.to_ns, until_);
    return std::move(question_);
  }

 private:
  [[noreturn]] void refuse(Column column, const char* expected, sqlite3_value* value) const {
    throw BadQuestion(std::string(shape_.call) + ": " + std::string(column_name(column)) + " must be " + expected +
                      ", and not '" + text_of(value) + "'");
  }

  void take_argument(Column column, sqlite3_value* value) {
    const bool is_null = sqlite3_value_type(value) == SQLITE_NULL;
    switch (column) {
      case Column::wanted:
        if (is_null) {
          question_.nothing = true;
        } else if (!is_number(value)) {
          refuse(column, "the id of a series (the table `series` has them)", value);
        } else {
          take_series(value);
        }
        return;
      case Column::pattern:
        question_.pattern = text_of(value);
        return;
      case Column::from_time:
      case Column::to_time:
        if (is_null) return;  // without an end
        if (!is_number(value)) refuse(column, "in seconds since 1970, as unixepoch('2026-01-31') gives", value);
        (column == Column::from_time ? question_.from_ns : question_.to_ns) = nanoseconds(value);
        return;
      case Column::step:
        if (!is_null) question_.step_ns = step_of(value);
        return;
      case Column::directory:
        if (!is_null) question_.directory = text_of(value);
        return;
      default:
        question_.partial = sqlite3_value_int(value) != 0;
        return;
    }
  }

  std::int64_t step_of(sqlite3_value* value) const {
    const std::int64_t step = is_number(value) ? nanoseconds(value) : -1;
    const bool too_short = step < kSecond / 1'000 && sqlite3_value_double(value) != 0;
    if (step < 0 || too_short || step > kMaxStep) {
      refuse(Column::step, "0 (every sample) or 0.001 to 316224000 seconds (3,660 days)", value);
    }
    return step;
  }

  void take_series(sqlite3_value* value) {
    const double id = sqlite3_value_double(value);
    // What is no id is the id of no series.
    if (!(id >= 1 && id <= kMaxSeriesId && id == std::floor(id))) {
      question_.nothing = true;
      return;
    }
    const auto series = static_cast<SeriesId>(id);
    if (question_.series && *question_.series != series) question_.nothing = true;
    question_.series = series;
  }

  void narrow(Column column, char compared, sqlite3_value* value) {
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
    if (column == Column::time) {
      const std::int64_t time = std::clamp(nanoseconds(value), -kFarthest, kFarthest);
      lowest = time - kMicrosecond;
      highest = time + kMicrosecond;
    } else {
      const auto limit = static_cast<double>(kFarthest);
      const double time = std::clamp(sqlite3_value_double(value), -limit, limit);
      // A REAL is near an integer that large: some 256 ns at our time.
      const bool is_exact = sqlite3_value_numeric_type(value) == SQLITE_INTEGER;
      lowest = is_exact ? sqlite3_value_int64(value) : static_cast<std::int64_t>(time) - kMicrosecond;
      highest = is_exact ? lowest : static_cast<std::int64_t>(time) + kMicrosecond;
    }
    if (compared != '<' && compared != 'l') since_ = std::max(since_, lowest);
    if (compared != '>' && compared != 'g' && highest < kForever) until_ = std::min(until_, highest + 1);
  }

  const TableShape& shape_;
  Question question_;
  std::int64_t since_ = 0;         // of WHERE: rows before are not wanted
  std::int64_t until_ = kForever;  // nor are those from here on
};

}  // namespace

void FreeValue::operator()(sqlite3_value* value) const {
  sqlite3_value_free(value);
}

int choose_plan(const TableShape& shape, sqlite3_index_info& info) {
  std::string plan;
  bool has_series = false;
  bool has_start = false;
  bool series_comes_later = false;
  std::map<std::pair<Column, char>, bool> taken;
  for (int i = 0; i < info.nConstraint; ++i) {
    const auto& term = info.aConstraint[i];
    if (term.iColumn < 0) continue;
    const Column column = shape.columns[static_cast<std::size_t>(term.iColumn)];
    const char compared = comparison(term.op);
    if (!helps(shape, column, compared)) continue;
    const bool is_series = column == Column::series || column == Column::wanted;
    if (term.usable == 0) {
      // Its value comes from a table that this plan would read later. No argument can be done without.
      if (is_argument(column)) return SQLITE_CONSTRAINT;
      series_comes_later = series_comes_later || is_series;
      continue;
    }
    if (column == Column::name && sqlite3_stricmp(sqlite3_vtab_collation(&info, i), "BINARY") != 0) continue;
    const bool repeated = !taken.emplace(std::pair(column, compared), true).second;
    if (repeated) continue;  // SQLite compares that one itself
    plan += static_cast<char>(kFirstColumn + static_cast<char>(column));
    plan += compared;
    info.aConstraintUsage[i].argvIndex = static_cast<int>(plan.size() / 2);
    info.aConstraintUsage[i].omit = is_argument(column) ? 1 : 0;
    has_series = has_series || is_series;
    has_start =
        has_start || column == Column::from_time || (column == Column::time && compared != '<' && compared != 'l');
  }
  if (shape.one_series && !has_series && series_comes_later) return SQLITE_CONSTRAINT;

  info.estimatedRows = (has_series ? 1'000 : 100'000) * (has_start ? 1 : 100);
  info.estimatedCost = static_cast<double>(info.estimatedRows) * (shape.one_series && !has_series ? 1e6 : 2);
  if (info.nOrderBy == 1 && info.aOrderBy[0].desc == 0 && info.aOrderBy[0].iColumn >= 0) {
    const Column by = shape.columns[static_cast<std::size_t>(info.aOrderBy[0].iColumn)];
    info.orderByConsumed = by == Column::time || by == Column::time_ns ? 1 : 0;
  }
  info.idxStr = sqlite3_mprintf("%s", plan.c_str());
  info.needToFreeIdxStr = 1;
  return info.idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

Question read_question(const TableShape& shape, const char* plan, std::span<sqlite3_value*> values) {
  QuestionMaker maker(shape);
  for (std::size_t i = 0; i < values.size(); ++i) {
    maker.take(static_cast<Column>(plan[2 * i] - kFirstColumn), plan[2 * i + 1], values[i]);
  }
  return maker.finish();
}

}  // namespace picket::perf_database::extension
