// SPDX-License-Identifier: Apache-2.0
#include "routing/spool/dead_letters.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "platform/utc_time.hpp"
#include "routing/event_json.hpp"
#include "routing/spool/folders.hpp"

namespace picket::routing::spool {
namespace {

constexpr std::uint64_t kMaxWaiting = 16ULL << 20U;  // bytes of batches that wait to be written
constexpr std::size_t kLettersAtOnce = 64;

std::uint64_t events_of(const DeadLetter& letter) {
  return letter.positions.empty() ? letter.selected : letter.positions.size();
}

}  // namespace

const char* reason_of(picket_status status) {
  switch (status) {
    case PICKET_INVALID:
      return "invalid";
    case PICKET_UNSUPPORTED:
      return "unsupported";
    case PICKET_NOT_FOUND:
      return "not found";
    case PICKET_TIMEOUT:
      return "timeout";
    case PICKET_CANCELLED:
      return "cancelled";
    case PICKET_LIMIT:
      return "limit";
    case PICKET_DENIED:
      return "denied";
    case PICKET_FAILED:
      return "failed";
    default:
      return "refused";
  }
}

DeadLetters::DeadLetters(std::filesystem::path root, std::uint64_t max_bytes, std::shared_ptr<platform::Lane> lane,
                         Names& names)
    : root_(std::move(root)), lane_(std::move(lane)), names_(names), max_bytes_(max_bytes) {}

std::string DeadLetters::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

void DeadLetters::add(DeadLetter letter, std::function<void()> then) {
  const std::uint64_t bytes = batch_cost(letter.batch.get());
  std::function<void()> not_taken;
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty() || waiting_bytes_ + bytes <= kMaxWaiting) {
      first = waiting_.empty();
      waiting_bytes_ += bytes;
      const std::int64_t now = lane_->executor().clock().wall_ns();
      waiting_.push_back({std::move(letter), now, std::move(then)});
    } else {
      lost_.fetch_add(events_of(letter), std::memory_order_relaxed);
      failure_ = "more was refused than the disk could take";
      not_taken = std::move(then);
    }
  }
  if (not_taken) {
    not_taken();
  } else if (first) {
    write_soon();
  }
}

std::string DeadLetters::lines_of(const Waiting& waiting) const {
  const DeadLetter& letter = waiting.letter;
  std::string head = "{\"time\":\"" + platform::format_utc(waiting.wall_ns, 9) +
                     "\",\"reason\":" + nlohmann::json(reason_of(letter.status)).dump() +
                     ",\"status\":" + std::to_string(letter.status) +
                     ",\"route\":" + nlohmann::json(letter.route).dump() +
                     ",\"destination\":" + nlohmann::json(letter.destination).dump() + ",\"event\":";
  std::string lines;
  const auto add_event = [&](std::uint32_t position) {
    lines += head;
    append_event_json(*letter.batch, letter.batch->events[letter.selection.at(position)], names_, lines);
    lines += "}\n";
  };
  if (letter.positions.empty()) {
    for (std::uint32_t position = 0; position < letter.selected; ++position) add_event(position);
  } else {
    std::for_each(letter.positions.begin(), letter.positions.end(), add_event);
  }
  return lines;
}

Result<void> DeadLetters::append(const std::filesystem::path& folder, const std::string& lines) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    std::filesystem::create_directories(folder, error);
    if (error) return Error{"cannot make " + folder.string() + ": " + error.message(), PICKET_FAILED};
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);  // as good as it can
  }
  const std::filesystem::path file = folder / kLettersFile;
  const std::uint64_t size = std::filesystem::exists(file, error) ? std::filesystem::file_size(file, error) : 0;
  if (!error && size != 0 && size + lines.size() > max_bytes_.load(std::memory_order_relaxed) / 2) {
    const std::filesystem::path older = folder / kOlderLettersFile;
    std::filesystem::remove(older, error);
    std::filesystem::rename(file, older, error);
    if (error) return Error{"cannot rename " + file.string() + ": " + error.message(), PICKET_FAILED};
  }
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out.write(lines.data(), static_cast<std::streamsize>(lines.size()));
  out.flush();
  if (!out) return Error{"cannot write " + file.string(), PICKET_FAILED};
  return {};
}

bool DeadLetters::write_some() {
  std::vector<Waiting> now;
  {
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < std::min(kLettersAtOnce, waiting_.size()); ++i) now.push_back(waiting_[i]);
  }
  std::map<std::filesystem::path, std::pair<std::string, std::uint64_t>> files;
  for (const Waiting& waiting : now) {
    auto& [lines, events] = files[destination_folder(root_, waiting.letter.route, waiting.letter.destination)];
    lines += lines_of(waiting);
    events += events_of(waiting.letter);
  }
  std::string failure;
  for (const auto& [folder, content] : files) {
    const auto done = append(folder, content.first);
    (done.ok() ? written_ : lost_).fetch_add(content.second, std::memory_order_relaxed);
    if (!done.ok()) failure = done.error().message;
  }
  bool more = false;
  {
    const std::scoped_lock lock(mutex_);
    failure_ = failure;
    for (std::size_t i = 0; i < now.size(); ++i) {
      waiting_bytes_ -= batch_cost(waiting_.front().letter.batch.get());
      waiting_.pop_front();
    }
    more = !waiting_.empty();
  }
  for (const Waiting& waiting : now) waiting.then();
  return more;
}

void DeadLetters::write_soon() {
  // Weak: an executor that has stopped leaves the task in the lane, and the lane is ours.
  lane_->post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->write_some()) self->write_soon();
  });
}

void DeadLetters::finish() {
  while (write_some()) {
  }
}

}  // namespace picket::routing::spool
