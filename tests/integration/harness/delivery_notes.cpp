// SPDX-License-Identifier: Apache-2.0
#include "delivery_notes.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace picket::integration {
namespace {
constexpr std::int64_t kNumbersOfALife = 1'000'000'000;  // as in plugins/numbered.cpp
}  // namespace

DeliveryNotes::DeliveryNotes(const std::filesystem::path& folder)
    : acknowledged_file_{folder / "acknowledged"}, taken_file_{folder / "taken"} {}

// Whole lines without their `;`. What a kill has torn has none: the next life ends such a line, and it means nothing.
std::vector<std::string> DeliveryNotes::Growing::new_lines() {
  std::vector<std::string> lines;
  std::ifstream in(file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(next));
  for (std::string line; std::getline(in, line) && !in.eof();) {
    next += line.size() + 1;
    if (!line.ends_with(';')) continue;
    line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

bool DeliveryNotes::was_taken(std::int64_t number) const {
  const auto life = taken_.find(number / kNumbersOfALife);
  const auto place = static_cast<std::size_t>(number % kNumbersOfALife);
  return life != taken_.end() && place < life->second.size() && life->second[place];
}

void DeliveryNotes::read() {
  for (const std::string& line : acknowledged_file_.new_lines()) {
    std::istringstream words(line);
    Range range{};
    if (!(words >> range.first >> range.last)) continue;
    ++acknowledged_;
    open_.push_back(range);
  }
  for (const std::string& line : taken_file_.new_lines()) {
    const std::int64_t number = std::stoll(line);
    if (was_taken(number)) continue;
    std::vector<bool>& life = taken_[number / kNumbersOfALife];
    const auto place = static_cast<std::size_t>(number % kNumbersOfALife);
    if (life.size() <= place) life.resize(std::max(place + 1, life.size() * 2));
    life[place] = true;
    if (number < highest_ && disorder_.empty()) {
      disorder_ = std::to_string(number) + " came after " + std::to_string(highest_);
    }
    highest_ = std::max(highest_, number);
  }
}

std::size_t DeliveryNotes::acknowledged() {
  read();
  return acknowledged_;
}

std::size_t DeliveryNotes::missing() {
  read();
  std::size_t count = 0;
  std::erase_if(open_, [&](const Range& range) {
    std::size_t of_range = 0;
    for (std::int64_t number = range.first; number <= range.last; ++number) of_range += was_taken(number) ? 0 : 1;
    count += of_range;
    return of_range == 0;
  });
  return count;
}

std::string DeliveryNotes::disorder() {
  read();
  return disorder_;
}

}  // namespace picket::integration
