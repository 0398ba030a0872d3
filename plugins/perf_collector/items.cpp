// SPDX-License-Identifier: Apache-2.0
//
// See items.hpp.
#include "items.hpp"

namespace picket::perf_collector {

void Items::begin() {
  ++reading_;
  next_ = seen_ = chosen_ = 0;
}

Items::Item* Items::find(std::string_view name) {
  if (next_ < items_.size() && items_[next_].name == name) return &items_[next_++];
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].name != name) continue;
    next_ = i + 1;
    return &items_[i];
  }
  return nullptr;
}

Items::Item& Items::remember(std::string_view name, bool chosen) {
  items_.push_back({std::string(name), chosen, reading_ - 1});
  next_ = items_.size();
  return items_.back();
}

bool Items::count(Item& item) {
  if (item.reading != reading_) {
    item.reading = reading_;
    ++seen_;
    if (item.chosen) ++chosen_;
  }
  return item.chosen && chosen_ <= most_;
}

std::size_t Items::end() {
  if (seen_ < items_.size()) std::erase_if(items_, [this](const Item& item) { return item.reading != reading_; });
  return chosen_ > most_ ? chosen_ - most_ : 0;
}

}  // namespace picket::perf_collector
