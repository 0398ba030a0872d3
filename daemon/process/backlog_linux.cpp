// SPDX-License-Identifier: Apache-2.0
#include "process/backlog_linux.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace picket::process {
namespace {

constexpr std::size_t kWholeSegment = 64U << 10U;    // a segment of memory grows up to that
constexpr std::int64_t kSameMoment = 1'000'000;      // ns: what came so close together has one time
constexpr std::uint64_t kMostSegments = 64U << 10U;  // of gaps and crumbs

}  // namespace

Backlog::~Backlog() {
  if (file_ >= 0) close(file_);
}

void Backlog::configure(Limits limits, std::string directory, std::uint64_t first_offset) {
  limits_ = limits;
  directory_ = std::move(directory);
  acknowledged_ = taken_ = end_ = first_offset;
}

void Backlog::append(std::string_view data, std::int64_t time_ns) {
  if (data.empty()) return;
  // Once it was full, it must get emptier by a quarter first, so that there are few gaps and not many.
  const std::uint64_t bound = limits_.disk == 0 ? limits_.memory : limits_.disk;
  const std::uint64_t used = limits_.disk == 0 ? memory_used_ : disk_used_;
  if (dropping_ && used > bound / 4 * 3) return drop(data.size());
  dropping_ = false;
  if (memory_used_ + data.size() <= limits_.memory && disk_used_ == 0 && segments_.size() < kMostSegments) {
    Segment* const last = segments_.empty() ? nullptr : &segments_.back();
    const bool joins = last != nullptr && last->where == Where::memory && last->bytes.size() < kWholeSegment &&
                       last->offset >= taken_ && time_ns - last->time_ns < kSameMoment;
    if (joins) {
      last->bytes.append(data);
      last->length += data.size();
    } else {
      Segment added;
      added.offset = end_;
      added.length = data.size();
      added.bytes = data;
      added.time_ns = time_ns;
      segments_.push_back(std::move(added));
    }
    memory_used_ += data.size();
    end_ += data.size();
    return;
  }
  if (append_to_disk(data)) return;
  dropping_ = true;
  drop(data.size());
}

void Backlog::drop(std::uint64_t bytes) {
  if (bytes == 0) return;
  const bool joins = !segments_.empty() && segments_.back().where == Where::gap && segments_.back().offset >= taken_;
  if (joins) {
    segments_.back().length += bytes;
  } else {
    Segment gap;
    gap.where = Where::gap;
    gap.offset = end_;
    gap.length = bytes;
    segments_.push_back(std::move(gap));
  }
  end_ += bytes;
  dropped_ += bytes;
}

bool Backlog::append_to_disk(std::string_view data) {
  if (disk_used_ + data.size() > limits_.disk || segments_.size() >= kMostSegments || !open_file()) return false;
  if (!write_at(disk_end_, data)) return false;
  const bool joins = !segments_.empty() && segments_.back().where == Where::disk;
  if (joins) {
    segments_.back().length += data.size();
  } else {
    Segment added;
    added.where = Where::disk;
    added.offset = end_;
    added.length = data.size();
    added.place = disk_end_;
    segments_.push_back(std::move(added));
  }
  disk_end_ += data.size();
  disk_used_ += data.size();
  end_ += data.size();
  return true;
}

// The file is a ring of `limits_.disk` bytes.
bool Backlog::write_at(std::uint64_t place, std::string_view data) {
  while (!data.empty()) {
    const std::uint64_t at = place % limits_.disk;
    const std::size_t length = static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), limits_.disk - at));
    const ssize_t written = pwrite(file_, data.data(), length, static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    place += static_cast<std::uint64_t>(written);
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string_view Backlog::read_at(std::uint64_t place, std::uint64_t length) {
  buffer_.resize(static_cast<std::size_t>(length));
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const std::uint64_t at = (place + done) % limits_.disk;
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size() - done, limits_.disk - at));
    const ssize_t got = pread(file_, buffer_.data() + done, most, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  std::fill(buffer_.begin() + static_cast<std::ptrdiff_t>(done), buffer_.end(), '\0');  // a disk that cannot be read
  return buffer_;
}

bool Backlog::open_file() {
  if (file_ >= 0) return true;
  if (limits_.disk == 0 || directory_.empty()) return false;
  file_ = open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ >= 0) return true;
  std::string name = directory_ + "/backlog-XXXXXX";
  file_ = mkostemp(name.data(), O_CLOEXEC);
  if (file_ >= 0) unlink(name.c_str());
  return file_ >= 0;
}

void Backlog::find_taken() {
  if (next_ != segments_.end()) return;
  next_ = segments_.begin();
  while (next_ != segments_.end() && next_->end() <= taken_) ++next_;
}

std::optional<Backlog::Piece> Backlog::take(std::size_t most) {
  if (!has_untaken()) return std::nullopt;
  find_taken();
  if (next_ == segments_.end()) return std::nullopt;
  const std::uint64_t within = taken_ - next_->offset;
  Piece piece;
  piece.offset = taken_;
  if (next_->where == Where::gap) {
    piece.dropped = next_->length - within;
    taken_ += piece.dropped;
  } else {
    const std::uint64_t length = std::min<std::uint64_t>(most, next_->length - within);
    if (next_->where == Where::memory) {
      piece.data =
          std::string_view(next_->bytes).substr(static_cast<std::size_t>(within), static_cast<std::size_t>(length));
      piece.time_ns = next_->time_ns;
    } else {
      piece.data = read_at(next_->place + within, length);
    }
    taken_ += length;
  }
  if (taken_ >= next_->end()) ++next_;
  return piece;
}

void Backlog::rewind() {
  taken_ = acknowledged_;
  next_ = segments_.end();
}

void Backlog::release(const Segment& segment, std::uint64_t bytes) {
  if (segment.where == Where::memory) memory_used_ -= bytes;
  if (segment.where == Where::disk) disk_used_ -= bytes;
}

void Backlog::acknowledge(std::uint64_t offset) {
  offset = std::min(offset, taken_);
  if (offset <= acknowledged_) return;
  acknowledged_ = offset;
  while (!segments_.empty() && segments_.front().end() <= offset) {
    release(segments_.front(), segments_.front().length);
    if (next_ == segments_.begin()) ++next_;
    segments_.pop_front();
  }
  if (!segments_.empty() && segments_.front().offset < offset && segments_.front().where == Where::disk) {
    Segment& first = segments_.front();
    const std::uint64_t done = offset - first.offset;
    release(first, done);
    first.offset = offset;
    first.place += done;
    first.length -= done;
  }
  if (disk_used_ == 0 && file_ >= 0) {
    close(file_);
    file_ = -1;
    disk_end_ = 0;
    buffer_ = {};
  }
}

}  // namespace picket::process
