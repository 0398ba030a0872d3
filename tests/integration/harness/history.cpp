// SPDX-License-Identifier: Apache-2.0
#include "history.hpp"

#include <time.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace picket::integration {
namespace {

// Exit codes of `picket query`.
constexpr int kNothingFound = 1;
constexpr int kNoHistory = 69;

}  // namespace

nlohmann::json query(const Site& site, std::vector<std::string> words) {
  words.insert(words.begin(), "query");
  words.emplace_back("--json");
  const Output output = site.picket(words);
  if (output.exit_code == kNothingFound || output.exit_code == kNoHistory) return nullptr;
  if (output.exit_code != 0) throw std::runtime_error("picket query: " + output.err);
  return nlohmann::json::parse(output.out);
}

std::vector<Sample> samples(const Site& site, const std::string& name, const std::string& label,
                            const std::vector<std::string>& range) {
  std::vector<std::string> words = {name, "--points", "--raw", "--step", "0s"};
  words.insert(words.end(), range.begin(), range.end());
  if (!label.empty()) words.insert(words.end(), {"--label", label});
  const nlohmann::json answer = query(site, words);
  std::vector<Sample> result;
  if (answer.is_null()) return result;
  if (answer.at("series").size() != 1) throw std::runtime_error("several series are called " + name);
  for (const auto& point : answer.at("series").at(0).at("points")) {
    result.push_back({parse_time_ms(point.at("time")), point.at("last")});
  }
  return result;
}

bool wait_for_samples(const Site& site, const std::string& name, std::size_t count, const std::string& label) {
  return wait_until([&] { return samples(site, name, label).size() > count; });
}

std::int64_t parse_time_ms(const std::string& text) {
  tm parts{};
  const char* const rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S.", &parts);
  if (rest == nullptr || text.back() != 'Z') throw std::runtime_error("no time: " + text);
  return std::int64_t{timegm(&parts)} * 1'000 + std::stoi(rest);
}

std::string sqlite(const std::filesystem::path& file, const std::string& statement) {
  const Output output = run_to_end({"sqlite3", "-batch", file.string(), statement});
  if (output.exit_code != 0) throw std::runtime_error("sqlite3 " + file.string() + ": " + output.err);
  return output.out.ends_with('\n') ? output.out.substr(0, output.out.size() - 1) : output.out;
}

}  // namespace picket::integration
