// SPDX-License-Identifier: Apache-2.0
#include "holding_site.hpp"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace picket::integration {
namespace {

// The number behind "NAME=" in a line.
long number_in(const std::string& line, const std::string& name) {
  const std::size_t at = line.find(name + "=");
  return at == std::string::npos ? 0 : std::atol(line.c_str() + at + name.size() + 1);
}

}  // namespace

HoldingSite::HoldingSite(std::string control_groups) : control_groups_(std::move(control_groups)) {
  site_.add_plugins(fixture_folder());
  std::filesystem::create_directories(place() / "orders");
  site_.configure("instances:\n  programs: {type: holding, directory: \"" + place().string() + "\"}\n");
}

HoldingSite::~HoldingSite() {
  daemon_.reset();
  for (const std::string& line : events("ready ")) kill(static_cast<pid_t>(number_in(line, "holder")), SIGKILL);
  for (const std::string& line : events("started ")) {
    const auto leader = static_cast<pid_t>(number_in(line, "pid"));
    if (leader > 1) kill(-leader, SIGKILL);
  }
}

void HoldingSite::run() {
  const std::size_t before = events("ready ").size();
  daemon_ = site_.run({{"PICKET_CONTROL_GROUPS", control_groups_}});
  if (!wait_for("ready ", before + 1)) throw std::runtime_error("no holder:\n" + daemon_->err());
}

void HoldingSite::order(const std::string& what, const Values& values) {
  std::string text = what + "\n";
  for (const auto& [name, value] : values) text += name + " " + value + "\n";
  write_file(place() / "order.new", text);
  std::filesystem::rename(place() / "order.new", place() / "orders" / std::to_string(++orders_));
}

void HoldingSite::start_script(const std::string& key, const std::string& script, Values more) {
  more.insert(more.end(), {{"key", key}, {"argument", "/bin/sh"}, {"argument", "-c"}, {"argument", script}});
  const std::size_t before = events("started " + key + " ").size();
  order("start", more);
  if (!wait_for("started " + key + " ", before + 1)) {
    std::string all;
    for (const std::string& line : events()) all += line + "\n";
    throw std::runtime_error(key + " did not start:\n" + all + daemon_->err());
  }
}

std::vector<std::string> HoldingSite::events() const {
  std::vector<std::string> lines;
  std::ifstream file(place() / "events");
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> HoldingSite::events(const std::string& beginning) const {
  std::vector<std::string> lines;
  for (std::string& line : events()) {
    if (line.starts_with(beginning)) lines.push_back(std::move(line));
  }
  return lines;
}

bool HoldingSite::wait_for(const std::string& beginning, std::size_t count) const {
  return wait_until([&] { return events(beginning).size() >= count; });
}

pid_t HoldingSite::pid_of(const std::string& key) const {
  const auto lines = events("started " + key + " ");
  return lines.empty() ? 0 : static_cast<pid_t>(number_in(lines.back(), "pid"));
}

pid_t HoldingSite::holder() const {
  const auto lines = events("ready ");
  return lines.empty() ? 0 : static_cast<pid_t>(number_in(lines.back(), "holder"));
}

std::string HoldingSite::captured(const std::string& key, int stream) const {
  const auto path = place() / ("captured-" + key + "-" + std::to_string(stream - 1));
  return std::filesystem::exists(path) ? read_file(path) : "";
}

bool runs(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] != 'Z';
}

}  // namespace picket::integration
