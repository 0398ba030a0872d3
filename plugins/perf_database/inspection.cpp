// SPDX-License-Identifier: Apache-2.0
#include "inspection.hpp"

#include <nlohmann/json.hpp>

#include "files.hpp"
#include "meta_store.hpp"
#include "picket/plugin.hpp"
#include "repair.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

bool option(const std::string& args_json, const char* name) {
  const auto args = nlohmann::json::parse(args_json, nullptr, false);
  return args.is_object() && args.value(name, false);
}

std::function<void(double)> in_percent(const InspectionHooks& hooks) {
  if (!hooks.progress) return {};
  return [&hooks, last = -1](double part) mutable {
    const int percent = static_cast<int>(part * 100);
    if (percent == last) return;
    last = percent;
    hooks.progress(percent);
  };
}

ordered_json time_range(std::int64_t from_ns, std::int64_t to_ns) {
  if (from_ns == 0 && to_ns == 0) return nullptr;
  return {{"from_ns", from_ns}, {"to_ns", to_ns}};
}

ordered_json tier_json(const Database& meta, const std::string& table) {
  ordered_json tier{{"tier", table}, {"rows", meta.number("SELECT count(*) FROM " + table)}};
  Statement range = meta.prepare("SELECT min(time), max(time) FROM " + table);
  if (range.step() && !range.is_null(0)) {
    tier["oldest_ns"] = range.integer(0) * kSecond;
    tier["newest_ns"] = range.integer(1) * kSecond;
  }
  return tier;
}

}  // namespace

std::string info_json(const fs::path& directory) {
  if (!fs::exists(directory / kMetaFile)) {
    throw Failure(path_text(directory) + ": there is no history here (no " + kMetaFile + ")", PICKET_NOT_FOUND);
  }
  const Listing listing = list_files(directory);
  const Database meta = open_for_reading(directory / kMetaFile, FileKind::meta);
  const auto bytes = [](const auto& files, const auto& path_of) {
    std::uint64_t sum = 0;
    for (const auto& file : files) sum += file_bytes(path_of(file));
    return sum;
  };
  ordered_json info{{"directory", path_text(directory)},
                    {"series", meta.number("SELECT count(*) FROM series")},
                    {"events", meta.number("SELECT count(*) FROM events")},
                    {"bytes", directory_bytes(directory)}};
  Statement sealed = meta.prepare("SELECT coalesce(sum(samples), 0), coalesce(sum(bytes), 0) FROM sealed_hour");
  sealed.step();
  ordered_json raw{{"tier", "raw"},
                   {"files", listing.raw.size()},
                   {"bytes", bytes(listing.raw, [](const auto& file) { return file.second; })},
                   {"samples", sealed.integer(0)}};
  if (sealed.integer(0) != 0) raw["bytes_per_sample"] = sealed.real(1) / sealed.real(0);
  if (!listing.raw.empty()) {
    raw["oldest_ns"] = listing.raw.begin()->first;
    raw["newest_ns"] = meta.number("SELECT max(time) FROM sealed_hour") * kSecond;
  }
  ordered_json hot{{"tier", "hot"},
                   {"files", listing.hot.size()},
                   {"bytes", bytes(listing.hot, [](const HotPart& part) { return part.file; })}};
  if (!listing.hot.empty()) {
    hot["oldest_ns"] = listing.hot.front().hour_ns;
    hot["newest_ns"] = listing.hot.back().hour_ns;
  }
  ordered_json minute{{"tier", "minute"},
                      {"files", listing.minute.size()},
                      {"bytes", bytes(listing.minute, [](const auto& file) { return file.second; })}};
  if (!listing.minute.empty()) {
    minute["oldest_ns"] = listing.minute.begin()->first;
    minute["newest_ns"] = listing.minute.rbegin()->first;
  }
  info["tiers"] = ordered_json::array({hot, raw, minute, tier_json(meta, "hour"), tier_json(meta, "day")});
  info["set_aside"] = ordered_json::array();
  for (const fs::path& file : listing.damaged) info["set_aside"].push_back(path_text(file.filename()));
  return info.dump();
}

std::string verify_json(const fs::path& directory, const std::string& args_json, const InspectionHooks& hooks) {
  const Result<Verification> found =
      verify_history(directory, {option(args_json, "deep"), in_percent(hooks), hooks.cancelled});
  if (!found) throw Failure(found.error().message, found.error().status);
  ordered_json files = ordered_json::array();
  for (const CheckedFile& file : found->files) {
    files.push_back({{"file", file.file},
                     {"kind", file.kind},
                     {"verdict", verdict_name(file.verdict)},
                     {"time", time_range(file.from_ns, file.to_ns)},
                     {"series", file.series},
                     {"samples", file.samples},
                     {"bytes", file.bytes},
                     {"problem_count", file.problem_count},
                     {"problems", file.problems}});
  }
  // What is wrong may quote bytes of a damaged file.
  return ordered_json{{"directory", path_text(directory)}, {"good", found->good()}, {"files", std::move(files)}}.dump(
      -1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string repair_json(const fs::path& directory, std::int64_t now_ns, const std::string& args_json,
                        const InspectionHooks& hooks) {
  const Result<RepairReport> report =
      repair_history(directory, now_ns, {option(args_json, "delete"), in_percent(hooks), hooks.cancelled});
  if (!report) throw Failure(report.error().message, report.error().status);
  ordered_json files = ordered_json::array();
  for (const SalvagedFile& file : report->salvaged) {
    files.push_back({{"file", file.file},
                     {"read", file.read},
                     {"added", file.added},
                     {"unread_parts", file.unread_parts},
                     {"deleted", file.deleted},
                     {"lost_series", file.lost_series},
                     {"lost_samples", file.lost_samples},
                     {"lost_time", time_range(file.lost_from_ns, file.lost_to_ns)}});
  }
  return ordered_json{{"directory", path_text(directory)},    {"lost", report->lost_anything()},
                      {"set_aside", report->set_aside},       {"files", std::move(files)},
                      {"series_added", report->series_added}, {"hour_rows", report->hour_rows},
                      {"day_rows", report->day_rows}}
      .dump();
}

}  // namespace picket::perf_database
