// SPDX-License-Identifier: Apache-2.0
//
// Makes the best of a damaged history: what can be read of damaged files goes into fresh ones, and the catalogue, hour
// and day rows are made again from the partitions. Called by the command `repair`, on its thread, while no daemon has
// the directory.
//
// Nothing is removed before what could be read of it is on the device, and every step can be repeated: a repair that is
// killed is finished by the next one, and one after a repair finds nothing more to do.
#pragma once

#include "verify.hpp"

namespace picket::perf_database {

struct RepairOptions {
  bool delete_originals = false;  // of damaged files, once all that can be read of them is elsewhere
  std::function<void(double part)> progress;
  std::function<bool()> cancelled;
};

// What became of one damaged file.
struct SalvagedFile {
  std::string file;                // as it is called now
  std::uint64_t read = 0;          // samples, or rows of the catalogue's tables, that could be read
  std::uint64_t added = 0;         // of them, those that were not in the history yet
  std::uint64_t unread_parts = 0;  // pages and blocks that could not be read
  bool deleted = false;
  // What is known to be missing now; 0 series: nothing.
  std::uint64_t lost_series = 0;
  std::uint64_t lost_samples = 0;
  std::int64_t lost_from_ns = 0;
  std::int64_t lost_to_ns = 0;
};

struct RepairReport {
  std::vector<std::string> set_aside;  // by this repair, with their new names
  std::vector<SalvagedFile> salvaged;
  std::uint64_t series_added = 0;  // to the catalogue
  std::uint64_t hour_rows = 0;     // made again
  std::uint64_t day_rows = 0;      // days summed again
  bool lost_anything() const;
};

// DENIED: a daemon has the directory. NOT_FOUND: there is no history. UNSUPPORTED: a later version wrote it.
Result<RepairReport> repair_history(const std::filesystem::path& directory, std::int64_t now_ns,
                                    const RepairOptions& options);

}  // namespace picket::perf_database
