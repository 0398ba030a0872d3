// SPDX-License-Identifier: Apache-2.0
#include "routing/spool/host.hpp"

#include <algorithm>

#include "routing/spool/folders.hpp"
#include "routing/spool/store.hpp"

namespace picket::routing::spool {

SpoolHost::SpoolHost(std::filesystem::path state_dir, std::shared_ptr<platform::Executor> executor, Names& names,
                     Report on_report)
    : state_dir_(std::move(state_dir)), executor_(std::move(executor)), names_(names), report_(std::move(on_report)) {}

std::shared_ptr<platform::Lane> SpoolHost::make_lane() {
  const std::scoped_lock lock(mutex_);
  if (!dedicated_) dedicated_ = executor_->make_dedicated("spool", 1);
  return platform::Lane::make(dedicated_);
}

std::filesystem::path SpoolHost::folder(const std::string& route, const std::string& destination) const {
  return destination_folder(state_dir_ / kSpoolFolder, route, destination);
}

bool SpoolHost::has_backlog(const std::string& route, const std::string& destination) const {
  std::error_code ignored;
  return std::filesystem::exists(folder(route, destination) / kSpoolFile, ignored);
}

void SpoolHost::set_dead_letters(bool enabled, std::uint64_t max_bytes) {
  const std::scoped_lock lock(mutex_);
  keeps_dead_letters_ = enabled;
  dead_letters_bytes_ = max_bytes;
  if (dead_letters_) dead_letters_->set_max_bytes(max_bytes);
}

std::shared_ptr<DeadLetters> SpoolHost::dead_letters() {
  const std::scoped_lock lock(mutex_);
  if (!keeps_dead_letters_) return nullptr;
  if (!dead_letters_) {
    if (!dedicated_) dedicated_ = executor_->make_dedicated("spool", 1);
    dead_letters_ = std::make_shared<DeadLetters>(state_dir_ / kDeadFolder, dead_letters_bytes_,
                                                  platform::Lane::make(dedicated_), names_);
  }
  return dead_letters_;
}

SpoolHost::LetterCounts SpoolHost::letter_counts() const {
  const std::scoped_lock lock(mutex_);
  if (!dead_letters_) return {};
  return {dead_letters_->written(), dead_letters_->lost(), dead_letters_->failure()};
}

void SpoolHost::finish() {
  std::shared_ptr<platform::Executor> dedicated;
  std::shared_ptr<DeadLetters> letters;
  {
    const std::scoped_lock lock(mutex_);
    dedicated = dedicated_;
    letters = dead_letters_;
  }
  if (!dedicated) return;
  dedicated->stop();
  // A thread that ends leaves what it would have posted to itself.
  if (letters) letters->finish();
}

std::vector<std::string> SpoolHost::kept_for_nobody(const std::map<std::string, config::Route>& routes) const {
  std::vector<std::string> lines;
  for (const DestinationFolder& folder : list_destination_folders(state_dir_ / kSpoolFolder)) {
    const auto route = routes.find(folder.route);
    if (route != routes.end() &&
        std::any_of(route->second.to.begin(), route->second.to.end(),
                    [&](const config::Destination& to) { return to.label() == folder.destination; })) {
      continue;
    }
    std::error_code ignored;
    if (!std::filesystem::exists(folder.path / kSpoolFile, ignored)) continue;
    std::uint64_t events = 0;
    const auto looked = visit_spool(folder.path / kSpoolFile, names_, false, [&](const Visited& visited) {
      events += visited.events;
      return true;
    });
    if (!looked.ok()) {
      lines.push_back(folder.route + " -> " + folder.destination + ": " + looked.error().message);
    } else if (events != 0) {
      lines.push_back(folder.route + " -> " + folder.destination + ": " + std::to_string(events) + " events");
    }
  }
  return lines;
}

}  // namespace picket::routing::spool
