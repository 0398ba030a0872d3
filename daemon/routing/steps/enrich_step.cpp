// SPDX-License-Identifier: Apache-2.0
//
// `enrich`: adds fields from a table, which is part of the settings or a CSV file. The file is looked at again from
// time to time, on the route's lane; a bad one leaves the old table in force.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <unordered_map>
#include <utility>

#include "routing/steps/csv.hpp"
#include "routing/steps/event_key.hpp"
#include "routing/steps/event_writer.hpp"
#include "routing/steps/field_keys.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kEnrichSchema = R"json({
  "type": "object",
  "description": "Adds fields from a table: the row whose key is the value of an expression.",
  "required": ["key"],
  "properties": {
    "key": {"type": "string", "examples": ["host.name"], "maxLength": 65536, "description": "An expression; numbers are looked up as people write them."},
    "table": {"type": "object", "examples": [{"web1": {"site": "north", "rack": 4}}], "maxProperties": 10000, "propertyNames": {"minLength": 1, "maxLength": 256},
              "additionalProperties": {"type": "object", "maxProperties": 256, "propertyNames": {"minLength": 1, "maxLength": 255},
                                       "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
              "description": "Fields by the key, like {web1: {site: north, rack: 4}}."},
    "file": {"type": "string", "format": "path",
             "description": "A CSV file (UTF-8, up to 16 MiB and 100,000 rows) instead: the first column is the key, the header names the fields; empty values add nothing. Relative to the file that says it."},
    "refresh": {"type": "string", "format": "duration", "minimum": "1s", "maximum": "7d", "forever": true, "default": "1m",
                "description": "How often to look whether the file has changed."},
    "default": {"type": "object", "maxProperties": 256, "propertyNames": {"minLength": 1, "maxLength": 255},
                "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
                "description": "The fields of events whose key is not in the table, like {site: unknown}."},
    "overwrite": {"type": "boolean", "default": false,
                  "description": "Whether the table's fields replace those that the event has already."}
  }
})json";

// The stamp of a file's content as far as the file system tells it.
using FileStamp = std::pair<std::uintmax_t, fs::file_time_type>;

fs::path path_of(const std::string& text) {
  return {std::u8string(text.begin(), text.end())};
}

Result<CsvTable> read_table(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return Error{"cannot be read: " + error.message(), PICKET_FAILED};
  if (size > kMaxCsvBytes) return Error{"the table is larger than 16 MiB", PICKET_LIMIT};
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return Error{"cannot be read", PICKET_FAILED};
  auto table = parse_csv(text);
  if (!table) return table;
  if (table->header.size() < 2) return Error{"the table has no column behind the key", PICKET_INVALID};
  std::set<std::string_view> keys;
  for (const std::vector<std::string>& row : table->rows) {
    if (!keys.insert(row[0]).second) return Error{"two rows have the key `" + row[0] + "`", PICKET_INVALID};
  }
  return table;
}

class Rows {
 public:
  using Row = std::vector<std::pair<std::size_t, Constant>>;  // places of keys, values

  FieldKeys keys;
  const Row* find(std::string_view key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second;
  }
  std::size_t size() const { return rows_.size(); }

  void add(const std::string& key, Row row) { rows_.emplace(key, std::move(row)); }
  Row row_of(const json& fields, Names& names) {
    Row row;
    for (const auto& [name, value] : fields.items()) row.emplace_back(place_of(name, names), Constant(value));
    return row;
  }
  std::size_t place_of(const std::string& name, Names& names) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys.text(i) == name) return i;
    }
    keys.add(name, names);
    return keys.size() - 1;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };
  std::unordered_map<std::string, Row, Hash, std::equal_to<>> rows_;
};

class EnrichStep final : public Step {
 public:
  EnrichStep(const json& settings, const StepContext& context)
      : names_(context.names),
        clock_(context.clock),
        key_(json::array({settings["key"]}), context.names),
        overwrite_(settings.value("overwrite", false)),
        refresh_ns_(settings.value("refresh", std::int64_t{-1})),
        default_(settings.value("default", json())) {
    if (settings.contains("file")) {
      path_ = path_of(settings["file"].get<std::string>());
      load();
      return;
    }
    Rows rows;
    for (const auto& [key, fields] : object_in(settings, "table").items()) {
      rows.add(key, rows.row_of(fields, names_));
    }
    take(std::move(rows));
  }

  void process(const Events& in, Output& out) override {
    found_.clear();
    bool any = false;
    for (std::uint32_t i = 0; i < in.count(); ++i) {
      const Rows::Row* row = rows_.find(key_.written(in.batch(), in[i]));
      if (row == nullptr) row = &default_row_;
      found_.push_back(row);
      any = any || !row->empty();
    }
    if (!any) return out.pass(in);
    writer_.begin_batch(out);
    for (std::uint32_t i = 0; i < in.count(); ++i) rewrite(in.batch(), in[i], *found_[i]);
    writer_.flush();
  }

  std::int64_t due_ns() const override { return next_look_ns_; }
  void tick(std::int64_t monotonic_ns, Output& /*out*/) override {
    next_look_ns_ = monotonic_ns + refresh_ns_;
    if (stamp() != stamp_) load();
  }

  std::uint64_t held() const override { return rows_.size(); }
  std::uint64_t over_limit() const override { return over_limit_; }

 private:
  FileStamp stamp() const {
    std::error_code error;
    FileStamp stamp{fs::file_size(path_, error), {}};
    stamp.second = fs::last_write_time(path_, error);
    return stamp;
  }

  void load() {
    if (refresh_ns_ > 0) next_look_ns_ = clock_.monotonic_ns() + refresh_ns_;
    const FileStamp seen = stamp();
    const auto table = read_table(path_);
    if (!table) throw std::runtime_error(shown_path() + ": " + table.error().message);
    Rows rows;
    std::vector<std::size_t> places;
    for (const std::string& name : table->header) places.push_back(rows.place_of(name, names_));
    for (const std::vector<std::string>& values : table->rows) {
      Rows::Row row;
      for (std::size_t i = 1; i < values.size(); ++i) {
        if (!values[i].empty()) row.emplace_back(places[i], Constant(json(values[i])));
      }
      rows.add(values[0], std::move(row));
    }
    take(std::move(rows));
    stamp_ = seen;
  }

  std::string shown_path() const {
    const std::u8string text = path_.u8string();
    return {text.begin(), text.end()};
  }

  void take(Rows rows) {
    default_row_ = default_.is_object() ? rows.row_of(default_, names_) : Rows::Row();
    rows_ = std::move(rows);
    given_.assign(rows_.keys.size(), false);
  }

  void rewrite(const picket_batch& batch, const picket_event& event, const Rows::Row& row) {
    writer_.begin_copy(event);
    std::fill(given_.begin(), given_.end(), false);
    for (std::uint32_t i = 0; i < event.field_count; ++i) {
      const picket_field& field = batch.fields[event.first_field + i];
      const std::size_t place = row.empty() ? FieldKeys::kNone : rows_.keys.find(batch, field);
      const bool replaced = place != FieldKeys::kNone && overwrite_ &&
                            std::any_of(row.begin(), row.end(), [&](const auto& cell) { return cell.first == place; });
      if (replaced) continue;
      if (place != FieldKeys::kNone) given_[place] = true;
      writer_.field(batch, field);
    }
    for (const auto& [place, value] : row) {
      if (!given_[place]) writer_.set(rows_.keys.id(place), value.value());
    }
    if (writer_.truncated()) ++over_limit_;
  }

  Names& names_;
  const platform::Clock& clock_;
  EventKey key_;
  const bool overwrite_;
  const std::int64_t refresh_ns_;
  const json default_;
  fs::path path_;  // empty: the table is in the settings
  FileStamp stamp_;
  std::int64_t next_look_ns_ = kNever;
  Rows rows_;
  Rows::Row default_row_;
  std::vector<const Rows::Row*> found_;  // of the events at hand
  std::vector<bool> given_;              // keys that the event at hand has
  std::uint64_t over_limit_ = 0;
  EventWriter writer_;
};

std::vector<StepProblem> check_enrich(const json& settings, Names& names) {
  std::vector<StepProblem> problems;
  check_expression(settings["key"].get<std::string>(), "/key", names, problems);
  if (settings.contains("table") == settings.contains("file")) {
    problems.push_back({"", 0, "needs either `table` or `file`"});
  } else if (settings.contains("file")) {
    const auto table = read_table(path_of(settings["file"].get<std::string>()));
    if (!table) problems.push_back({"/file", 0, table.error().message});
  }
  return problems;
}

}  // namespace

const StepType kEnrichStep = {"enrich", "Add fields from a table, inline or a CSV file", kEnrichSchema,
                              [](const json& settings, const StepContext& context) -> std::unique_ptr<Step> {
                                return std::make_unique<EnrichStep>(settings, context);
                              },
                              check_enrich};

}  // namespace picket::routing
