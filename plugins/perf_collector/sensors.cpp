// SPDX-License-Identifier: Apache-2.0
//
// See sensors.hpp.
#include "sensors.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "small_file.hpp"

namespace picket::perf_collector {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, kSensorKinds> kPrefixes{"temp", "fan", "in", "curr", "power", "energy"};

// The first line of a small file; empty if there is none.
std::string first_line(const fs::path& path) {
  std::array<char, 256> text{};
  const std::ptrdiff_t length = read_once(path.c_str(), text.data(), text.size());
  const std::string_view all(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return std::string(all.substr(0, all.find('\n')));
}

// "temp1" of "temp1_input", and of "power1_average", which some drivers have in its place.
std::optional<std::pair<SensorKind, std::string_view>> sensor_of(std::string_view file) {
  const std::size_t underscore = file.find('_');
  if (underscore == std::string_view::npos) return std::nullopt;
  const std::string_view sensor = file.substr(0, underscore);
  const std::string_view what = file.substr(underscore);
  const std::size_t letters = sensor.find_first_of("0123456789");
  if (letters == std::string_view::npos || sensor.find_first_not_of("0123456789", letters) != std::string_view::npos) {
    return std::nullopt;
  }
  for (std::size_t kind = 0; kind < kSensorKinds; ++kind) {
    if (sensor.substr(0, letters) != kPrefixes[kind]) continue;
    const bool average = what == "_average" && SensorKind{kind} == SensorKind::power;
    if (what == "_input" || average) return std::pair{SensorKind{kind}, sensor};
  }
  return std::nullopt;
}

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    all.push_back(at->path());
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

std::vector<SensorPlace> find_sensors(const std::string& folder, const Choice& choice, std::size_t& left_out) {
  std::map<std::string, SensorPlace> sensors;
  std::set<std::string> chips;
  for (const fs::path& chip : entries(folder)) {
    std::string name = first_line(chip / "name");
    if (name.empty()) name = "unknown";
    std::error_code error;
    const fs::path device = fs::read_symlink(chip / "device", error);
    if (!error) name += "@" + device.filename().string();
    // The numbers of hwmonN change, so two of one name are told apart by them only if nothing else does.
    if (!chips.insert(name).second) name += "@" + chip.filename().string();
    for (const fs::path& file : entries(chip)) {
      const std::string file_name = file.filename().string();
      const auto sensor = sensor_of(file_name);
      if (!sensor) continue;
      const std::string local(sensor->second);
      const std::string id = name + "/" + local;
      if (!choice.wants(id)) continue;
      std::string label = first_line(chip / (local + "_label"));
      if (label.empty()) label = local;
      // Of a power sensor with both files "_input", which comes last, is the present value.
      sensors[id] = {id, std::move(label), file.string(), sensor->first};
    }
  }
  left_out = sensors.size() > kMostSensors ? sensors.size() - kMostSensors : 0;
  std::vector<SensorPlace> all;
  for (auto& [id, place] : sensors) {
    if (all.size() < kMostSensors) all.push_back(std::move(place));
  }
  return all;
}

}  // namespace picket::perf_collector
