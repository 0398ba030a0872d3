// SPDX-License-Identifier: Apache-2.0
//
// What a program has written and nobody has acknowledged yet: first in memory, beyond that in a file without a name,
// beyond that not at all: then it is a gap that knows its size. Appending never waits for a reader. Costs nothing while
// it is empty.
//
// Positions are offsets in the program's stream; bytes that were dropped count. One thread.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace picket::process {

inline constexpr std::uint64_t kBacklogMemory = 1U << 20U;  // the defaults
inline constexpr std::uint64_t kBacklogDisk = 64U << 20U;

class Backlog {
 public:
  struct Limits {
    std::uint64_t memory = kBacklogMemory, disk = kBacklogDisk;  // bytes
  };
  // A part of the stream, in order. `data` is valid until the next call.
  struct Piece {
    std::uint64_t offset = 0;
    std::string_view data;
    std::uint64_t dropped = 0;  // a gap of so many bytes, without data
    std::int64_t time_ns = 0;   // when it came; 0: it was on disk
  };

  Backlog() = default;
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;
  ~Backlog();

  // `directory` takes the file, should one be needed.
  void configure(Limits limits, std::string directory, std::uint64_t first_offset = 0);

  void append(std::string_view data, std::int64_t time_ns);
  // So many bytes are known to be lost here.
  void drop(std::uint64_t bytes);
  // The next piece that was not taken, of at most `most` bytes of data.
  std::optional<Piece> take(std::size_t most);
  bool has_untaken() const { return taken_ < end_; }
  // Whoever took them is gone: what was not acknowledged is there to be taken again.
  void rewind();
  // Everything before `offset` is done with. More than was taken is ignored.
  void acknowledge(std::uint64_t offset);

  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t taken() const { return taken_; }
  std::uint64_t end() const { return end_; }
  std::uint64_t dropped() const { return dropped_; }  // ever
  std::uint64_t memory_used() const { return memory_used_; }
  std::uint64_t disk_used() const { return disk_used_; }

 private:
  enum class Where { memory, disk, gap };
  struct Segment {
    Where where = Where::memory;
    std::uint64_t offset = 0, length = 0;
    std::string bytes;        // of memory
    std::uint64_t place = 0;  // of disk: where it begins, before the wrap-around
    std::int64_t time_ns = 0;
    std::uint64_t end() const { return offset + length; }
  };

  bool append_to_disk(std::string_view data);
  bool write_at(std::uint64_t place, std::string_view data);
  std::string_view read_at(std::uint64_t place, std::uint64_t length);
  void release(const Segment& segment, std::uint64_t bytes);
  bool open_file();
  void find_taken();

  Limits limits_;
  std::string directory_;
  std::list<Segment> segments_;                          // without holes, from `acknowledged_` (or before) to `end_`
  std::list<Segment>::iterator next_ = segments_.end();  // the segment of `taken_`; the end: look for it
  std::uint64_t acknowledged_ = 0, taken_ = 0, end_ = 0, dropped_ = 0;
  std::uint64_t memory_used_ = 0, disk_used_ = 0, disk_end_ = 0;
  bool dropping_ = false;
  int file_ = -1;
  std::string buffer_;
};

}  // namespace picket::process
