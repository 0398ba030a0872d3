// SPDX-License-Identifier: Apache-2.0
//
// What `picket spool` does to the files below a state directory, with or without a daemon that runs: to look takes no
// lock; to change takes the lock that a daemon holds for each spool that it has open, and is refused while it does.
// Single thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "picket/result.hpp"
#include "routing/spool/folders.hpp"
#include "routing/spool/store.hpp"

namespace picket::routing::spool {

// One destination of one route that something is kept for.
struct SpoolSummary {
  std::string route;
  std::string destination;
  std::filesystem::path folder;  // of the spool
  std::filesystem::path dead;    // folder of the dead letters
  StoreCount count;
  std::uint64_t letter_bytes = 0;
  std::vector<std::filesystem::path> set_aside;  // damaged files
  std::string holder;                            // who has it open; empty: nobody
  std::string problem;                           // why it cannot be read; empty: it can
};

// All of `state_dir`, in order of their names; only those of `route` and `destination`, where these are not empty.
std::vector<SpoolSummary> list_spools(const std::filesystem::path& state_dir, const std::string& route = {},
                                      const std::string& destination = {});

// Reads everything, the dead letters as well: one line for each batch or letter that is damaged, up to 20 of each
// file's letters. The spool's `problem` is one, too.
std::vector<std::string> verify_spool(const SpoolSummary& spool);

struct Parts {
  bool backlog = false;
  bool dead = false;       // dead letters
  bool set_aside = false;  // files that were damaged
};

// Gives each event as JSON, oldest first; `visit` returns false to end. Says how many could not be read.
Result<std::uint64_t> export_spool(const SpoolSummary& spool, const Parts& parts,
                                   const std::function<bool(std::string_view event)>& visit);

struct Retried {
  std::uint64_t events = 0;   // are in the spool now
  std::uint64_t skipped = 0;  // lines or batches that cannot be read
};
// Puts dead letters and what can be read of set-aside files at the end of the spool, and removes their files, but for
// the lines and files that cannot be read.
Result<Retried> retry_spool(const SpoolSummary& spool, const Parts& parts);

// Deletes what `parts` names: how many events of the backlog that were.
Result<std::uint64_t> drop_spool(const SpoolSummary& spool, const Parts& parts);

}  // namespace picket::routing::spool
