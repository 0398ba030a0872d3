// SPDX-License-Identifier: Apache-2.0
#include "power_cut_disk.hpp"

#include <algorithm>

namespace picket::perf_database {
namespace {

using Kind = DiskOperation::Kind;

constexpr std::size_t kSector = 512;

// Which of the operations that were not synced the device has seen.
enum class Survivors { none, all, first_ones, any };

Survivors choose(std::mt19937_64& random) {
  switch (random() % 8) {
    case 0:
      return Survivors::none;
    case 1:
      return Survivors::all;
    case 2:
    case 3:
      return Survivors::first_ones;
    default:
      return Survivors::any;
  }
}

// Calls fn for those that survive, in their order.
template <typename Fn>
void each_survivor(const std::vector<DiskOperation>& operations, std::mt19937_64& random, const Fn& fn) {
  const Survivors survivors = choose(random);
  const std::size_t end = survivors == Survivors::first_ones ? random() % (operations.size() + 1) : operations.size();
  for (std::size_t i = 0; i < end; ++i) {
    if (survivors == Survivors::none || (survivors == Survivors::any && random() % 2 == 0)) continue;
    fn(operations[i]);
  }
}

void change_name(std::map<std::string, FileNumber>& names, const DiskOperation& operation) {
  if (operation.kind == Kind::make) {
    names[operation.name] = operation.file;
    return;
  }
  // A rename is both of its halves or none; a removal that comes late must not take a later file of that name.
  if (const auto at = names.find(operation.name); at != names.end() && at->second == operation.file) names.erase(at);
  if (operation.kind == Kind::rename) names[operation.new_name] = operation.file;
}

void change_content(Bytes& content, const DiskOperation& operation) {
  if (operation.kind == Kind::truncate) {
    content.resize(operation.offset);
    return;
  }
  if (content.size() < operation.offset + operation.data.size())
    content.resize(operation.offset + operation.data.size());
  std::copy(operation.data.begin(), operation.data.end(),
            content.begin() + static_cast<std::ptrdiff_t>(operation.offset));
}

// A write of which only some sectors reached the device.
void tear(Bytes& content, const DiskOperation& operation, std::mt19937_64& random) {
  const std::uint64_t end = operation.offset + operation.data.size();
  for (std::uint64_t at = operation.offset; at < end;) {
    const std::uint64_t next = std::min(end, (at / kSector + 1) * kSector);
    if (random() % 2 == 0) {
      const auto from = operation.data.begin() + static_cast<std::ptrdiff_t>(at - operation.offset);
      change_content(
          content,
          {Kind::write, operation.file, {}, {}, at, Bytes(from, from + static_cast<std::ptrdiff_t>(next - at))});
    }
    at = next;
  }
}

}  // namespace

void SimulatedDisk::apply(const DiskOperation& operation) {
  switch (operation.kind) {
    case Kind::make:
    case Kind::rename:
    case Kind::remove:
      pending_names_.push_back(operation);
      break;
    case Kind::write:
    case Kind::truncate:
      files_[operation.file].pending.push_back(operation);
      break;
    case Kind::sync: {
      File& file = files_[operation.file];
      for (const DiskOperation& pending : file.pending) change_content(file.durable, pending);
      file.pending.clear();
      break;
    }
    case Kind::sync_directory:
      for (const DiskOperation& pending : pending_names_) change_name(durable_names_, pending);
      pending_names_.clear();
      break;
  }
}

DiskContent SimulatedDisk::cut_power(std::mt19937_64& random) const {
  std::map<std::string, FileNumber> names = durable_names_;
  each_survivor(pending_names_, random, [&](const DiskOperation& operation) { change_name(names, operation); });
  DiskContent content;
  for (const auto& [name, number] : names) {
    Bytes& bytes = content[name];
    const auto file = files_.find(number);
    if (file == files_.end()) continue;  // made, and never written to
    bytes = file->second.durable;
    const bool torn = random() % 2 == 0;
    each_survivor(file->second.pending, random, [&](const DiskOperation& operation) {
      if (torn && operation.kind == Kind::write && random() % 4 == 0) {
        tear(bytes, operation, random);
      } else {
        change_content(bytes, operation);
      }
    });
  }
  return content;
}

std::size_t SimulatedDisk::unsynced() const {
  std::size_t count = pending_names_.size();
  for (const auto& [number, file] : files_) count += file.pending.size();
  return count;
}

}  // namespace picket::perf_database
