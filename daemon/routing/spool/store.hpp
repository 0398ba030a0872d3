// SPDX-License-Identifier: Apache-2.0
//
// The queue on disk of one destination: batches in order of their ordinals, in one SQLite file. Written, read and
// released here; who waits for what is the destination's business (destination_spool.cpp). FORMAT.md has the tables.
//
// A file that is damaged is never a reason to fail: it is set aside with its name, whatever can still be read is taken
// over into a new one, and report() says so. One thread at a time; every function may wait for the disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "picket/result.hpp"
#include "platform/file_lock.hpp"
#include "routing/batch.hpp"
#include "routing/names.hpp"
#include "routing/spool/batch_codec.hpp"
#include "routing/spool/database.hpp"

namespace picket::routing::spool {

// What to write: the `count` events of `batch` that `selection` (null: all) names.
struct NewBatch {
  std::uint64_t ordinal = 0;
  const picket_batch* batch = nullptr;
  const std::uint32_t* selection = nullptr;
  std::uint32_t count = 0;
  bool held = false;  // the caller keeps it in memory: load() does not give it again before the next open()
};

struct StoredBatch {
  std::uint64_t ordinal = 0;
  BatchRef batch;
};

// A thousand batches a second for thousands of years: what is larger is damage.
inline constexpr std::uint64_t kMaxOrdinal = 1ULL << 55U;

// What lies in the file.
struct StoreCount {
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

class SpoolStore {
 public:
  // Opens the spool in `directory`, which it makes, and locks it against other processes. `names` outlives it.
  // PICKET_REFUSED: another process or destination has it open.
  static Result<std::unique_ptr<SpoolStore>> open(const std::filesystem::path& directory, Names& names);

  // Writes `batches`, whose ordinals ascend and are new, durably and all of them or none; what was released is
  // forgotten in the same transaction. The positions of those that no spool can keep (see BatchEncoder) are left out of
  // the file and added to `unfit`. REQUIRES of one that is held: nothing waits to be loaded.
  Result<void> write(std::span<const NewBatch> batches, std::vector<std::size_t>& unfit);
  // The next batches in order, at least one if there is one, not many more than `max_bytes`. They count as held.
  Result<std::vector<StoredBatch>> load(std::uint64_t max_bytes);
  // Forgets the oldest batch that is not held: how many events it had.
  Result<std::uint64_t> drop_oldest();
  // The batch is finished: it goes with the next write() or commit().
  void release(std::uint64_t ordinal);
  // Makes what was released gone. Not synced: after a power cut some of it may come once more.
  Result<void> commit();
  bool has_released() const { return !released_.empty(); }

  // Waiting to be loaded.
  const StoreCount& waiting() const { return waiting_; }
  // On disk and not released.
  std::uint64_t live_bytes() const { return waiting_.bytes + held_bytes_; }
  // Larger than every ordinal that was ever in the file.
  std::uint64_t next_ordinal() const { return next_ordinal_; }
  // Events lost to damage since the last call: they were waiting, and are not any more.
  std::uint64_t take_lost() { return std::exchange(lost_, 0); }
  // What an operator must hear, once: one line each.
  std::vector<std::string> report() { return std::exchange(report_, {}); }

 private:
  SpoolStore(std::filesystem::path directory, Names& names, platform::FileLock lock);
  Result<void> open_database();
  Result<void> prepare();
  Result<void> count();
  Result<void> recover(const Error& problem);
  Result<void> salvage(const std::filesystem::path& from);
  Result<void> insert(std::span<const NewBatch> batches, std::vector<std::size_t>& unfit,
                      std::vector<StoreCount>& sizes);
  Result<void> erase_released();
  Result<void> shrink();
  Result<std::vector<StoredBatch>> load_some(std::uint64_t max_bytes);
  Result<std::optional<BatchRef>> read(std::uint64_t ordinal);
  Result<void> set_row_aside(std::uint64_t ordinal, const std::string& why);
  template <typename Call>
  auto guarded(const Call& call) -> decltype(call());

  const std::filesystem::path directory_;
  Names& names_;
  const platform::FileLock lock_;
  BatchEncoder encoder_;
  std::string buffer_;
  std::unique_ptr<Database> database_;
  Query insert_batch_, insert_data_, erase_batch_, erase_data_, next_, data_;

  StoreCount waiting_;
  std::uint64_t next_load_ = 0;                  // the lowest ordinal that may wait
  std::map<std::uint64_t, std::uint64_t> held_;  // ordinal -> bytes
  std::uint64_t held_bytes_ = 0;
  std::vector<std::uint64_t> released_;
  std::uint64_t next_ordinal_ = 1;
  std::uint64_t lost_ = 0;
  std::uint64_t grown_ = 0;  // bytes written since the file was last shrunk
  std::vector<std::string> report_;
};

// --- for `picket spool`: one look, with or without a daemon that runs ----------------------------------------------

inline constexpr const char* kSpoolFile = "spool.db";
inline constexpr const char* kSpoolLock = "lock";
inline constexpr const char* kSetAside = "damaged";

// Reads every batch of a spool's file in order, without a change of anything. Where `visit` returns false it ends. A
// batch that cannot be read is given as null with the reason.
struct Visited {
  std::uint64_t ordinal = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  BatchRef batch;
  std::string problem;
};
Result<void> visit_spool(const std::filesystem::path& file, Names& names, bool with_content,
                         const std::function<bool(const Visited&)>& visit);

}  // namespace picket::routing::spool
