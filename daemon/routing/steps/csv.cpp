// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/csv.hpp"

#include <utility>

#include "routing/utf8.hpp"

namespace picket::routing {
namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  bool at_end() const { return at_ >= text_.size(); }
  std::size_t line() const { return line_; }
  const std::string& problem() const { return problem_; }

  // One record; empty for an empty line. False when it is malformed.
  bool record(std::vector<std::string>& values) {
    values.clear();
    if (line_end()) return true;
    for (;;) {
      values.emplace_back();
      if (values.size() > kMaxCsvColumns) return fail("has more than " + std::to_string(kMaxCsvColumns) + " columns");
      if (!value(values.back())) return false;
      if (at_end() || line_end()) return true;
      if (text_[at_] != ',') return fail("has something behind a closing quote");
      ++at_;
    }
  }

 private:
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  // Consumes a line end, if one is here.
  bool line_end() {
    const std::string_view rest = text_.substr(at_);
    const std::size_t size = rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
    at_ += size;
    if (size != 0) ++line_;
    return size != 0;
  }

  bool value(std::string& out) {
    if (!at_end() && text_[at_] == '"') return quoted(out);
    const std::size_t end = std::min(text_.find_first_of(",\n\"", at_), text_.size());
    if (end < text_.size() && text_[end] == '"') return fail("has a quote inside a value without quotes around it");
    out = text_.substr(at_, end - at_);
    at_ = end;
    if (end < text_.size() && text_[end] == '\n' && out.ends_with('\r')) {
      out.pop_back();
      --at_;
    }
    return true;
  }

  bool quoted(std::string& out) {
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        out += text_[at_];
      } else if (text_.substr(at_ + 1).starts_with('"')) {
        out += text_[at_++];
      } else {
        ++at_;
        return true;
      }
    }
    return fail("ends inside quotes");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::string problem_;
};

}  // namespace

Result<CsvTable> parse_csv(std::string_view text) {
  if (text.size() > kMaxCsvBytes) return Error{"the table is larger than 16 MiB", PICKET_LIMIT};
  if (!is_valid_utf8(text)) return Error{"the table is not UTF-8", PICKET_INVALID};
  CsvReader reader(text);
  CsvTable table;
  std::vector<std::string> values;
  while (!reader.at_end()) {
    const std::string line = "line " + std::to_string(reader.line());
    if (!reader.record(values)) return Error{line + " " + reader.problem(), PICKET_INVALID};
    if (values.empty()) continue;
    if (table.header.empty()) {
      table.header = values;
      continue;
    }
    if (values.size() != table.header.size()) {
      return Error{line + " has " + std::to_string(values.size()) + " values, the header has " +
                       std::to_string(table.header.size()),
                   PICKET_INVALID};
    }
    if (table.rows.size() >= kMaxCsvRows) return Error{"the table has more than 100,000 rows", PICKET_LIMIT};
    table.rows.push_back(values);
  }
  if (table.header.empty()) return Error{"the table is empty; its first line must name the columns", PICKET_INVALID};
  return table;
}

}  // namespace picket::routing
