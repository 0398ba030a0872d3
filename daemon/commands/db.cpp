// SPDX-License-Identifier: Apache-2.0
#include "commands/db.hpp"

#include <nlohmann/json.hpp>

#include "commands/exit_codes.hpp"
#include "commands/human_units.hpp"
#include "commands/table.hpp"
#include "platform/utc_time.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string when(const json& parent, const char* name) {
  const auto found = parent.find(name);
  return found == parent.end() || found->is_null() ? "" : platform::format_utc(found->get<std::int64_t>(), 0);
}

std::string size_text(const json& bytes) {
  return human_value(bytes.get<double>(), "By");
}

// "1 file", "2 files"
std::string number_of(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

int exit_code_of(const json& answer) {
  const bool well = answer.value("good", true) && !answer.value("lost", false);
  return well ? kExitOk : kExitNotWell;
}

}  // namespace

int print_db_json(const std::string& answer, std::ostream& out) {
  const auto parsed = ordered_json::parse(answer);
  out << parsed.dump(2) << '\n';
  return exit_code_of(json(parsed));
}

int print_db_info(const std::string& answer, const platform::Terminal& terminal, std::ostream& out) {
  const json info = json::parse(answer);
  out << service::printable(info.at("directory").get<std::string>()) << ": " << info.at("series") << " series"
      << ", " << number_of(info.at("events").get<std::uint64_t>(), "event") << ", " << size_text(info.at("bytes"))
      << '\n';
  Table table({{"TIER"},
               {"FILES", Align::right},
               {"SIZE", Align::right},
               {"SAMPLES OR ROWS", Align::right},
               {"BYTES/SAMPLE", Align::right},
               {"OLDEST"},
               {"NEWEST"}});
  for (const json& tier : info.at("tiers")) {
    const std::string count = tier.contains("samples") ? "samples" : "rows";
    table.add({tier.at("tier").get<std::string>(), tier.contains("files") ? tier["files"].dump() : "",
               tier.contains("bytes") ? size_text(tier["bytes"]) : "", tier.contains(count) ? tier[count].dump() : "",
               tier.contains("bytes_per_sample") ? human_value(tier["bytes_per_sample"].get<double>(), "") : "",
               when(tier, "oldest_ns"), when(tier, "newest_ns")});
  }
  table.print(out, terminal);
  for (const json& file : info.at("set_aside")) {
    out << service::printable(file.get<std::string>()) << ": damaged, set aside; see `picket db repair --help`\n";
  }
  return kExitOk;
}

int print_db_verify(const std::string& answer, const platform::Terminal& terminal, std::ostream& out) {
  const json found = json::parse(answer);
  Table table({{"FILE"},
               {"KIND"},
               {"FROM"},
               {"SERIES", Align::right},
               {"SAMPLES", Align::right},
               {"SIZE", Align::right},
               {"VERDICT"}});
  std::uint64_t bad = 0;
  for (const json& file : found.at("files")) {
    const auto verdict = file.at("verdict").get<std::string>();
    bad += verdict == "good" ? 0 : 1;
    const json& time = file.at("time");
    table.add({file.at("file").get<std::string>(), file.at("kind").get<std::string>(),
               time.is_null() ? "" : when(time, "from_ns"), file.at("series").dump(), file.at("samples").dump(),
               size_text(file.at("bytes")), verdict});
  }
  table.print(out, terminal);
  for (const json& file : found.at("files")) {
    const auto name = service::printable(file.at("file").get<std::string>());
    for (const json& problem : file.at("problems")) {
      out << name << ": " << service::printable(problem.get<std::string>()) << '\n';
    }
    const std::uint64_t more = file.at("problem_count").get<std::uint64_t>() - file.at("problems").size();
    if (more != 0) out << name << ": and " << more << " more\n";
  }
  out << number_of(found.at("files").size(), "file") << ", "
      << (bad == 0 ? "all good" : std::to_string(bad) + " not well; `picket db repair` saves what can be read") << '\n';
  return exit_code_of(found);
}

int print_db_repair(const std::string& answer, std::ostream& out) {
  const json report = json::parse(answer);
  for (const json& file : report.at("set_aside")) {
    out << service::printable(file.get<std::string>()) << ": set aside now\n";
  }
  for (const json& file : report.at("files")) {
    out << service::printable(file.at("file").get<std::string>()) << ": " << file.at("read") << " values readable, "
        << file.at("added") << " of them brought back";
    const auto unread = file.at("unread_parts").get<std::uint64_t>();
    if (unread != 0) out << ", " << number_of(unread, "place") << " unreadable";
    if (file.at("deleted").get<bool>()) out << ", deleted";
    out << '\n';
    const json& time = file.at("lost_time");
    if (time.is_null()) continue;
    const auto series = file.at("lost_series").get<std::uint64_t>();
    out << "  lost: ";
    if (series != 0) out << file.at("lost_samples") << " samples of " << series << " series, ";
    out << "between " << when(time, "from_ns") << " and " << when(time, "to_ns") << '\n';
  }
  const bool nothing = report.at("files").empty();
  out << (nothing ? "nothing was damaged" : "done") << ": added " << report.at("series_added")
      << " series to the catalogue, made " << report.at("hour_rows") << " hour rows and the rows of "
      << number_of(report.at("day_rows").get<std::uint64_t>(), "day") << " again\n";
  return exit_code_of(report);
}

}  // namespace picket::commands
