// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `cgroups`. The files of a control group stay open as far as descriptors allow; once the group
// is gone, reading them fails, and one that was made again under the same name is another.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "cgroup_files.hpp"
#include "cgroup_tree_linux.hpp"
#include "cgroups.hpp"
#include "proc_file.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::size_t kCgroupText = 16'384;    // io.stat has a line for each device
constexpr std::uint8_t kTicksUntilRetry = 60;  // of a file that was not there: its controller may be switched on

struct Unit {
  std::string path;
  std::array<int, kCgroupFileCount> files{};
  std::array<std::uint8_t, kCgroupFileCount> absent{};  // ticks until it is tried again
  std::optional<std::uint64_t> cpu_before;              // us
  bool seen = true;
};

// One row of the output.
struct Row {
  CgroupFigure figure;
  const Metric* metric;
  std::string_view key, value, second_key, second_value;
};
constexpr std::string_view kMode = "cpu.mode";
constexpr std::string_view kEvent = "picket.cgroup.event";
constexpr std::string_view kDirection = "disk.io.direction";
constexpr std::string_view kResource = "system.pressure.resource";
constexpr std::string_view kKind = "system.pressure.kind";
constexpr Row kRows[] = {
    {kCgroupUser, &kCgroupCpuTime, kMode, "user", {}, {}},
    {kCgroupSystem, &kCgroupCpuTime, kMode, "system", {}, {}},
    {kCgroupPeriodCount, &kCgroupPeriods, {}, {}, {}, {}},
    {kCgroupThrottledCount, &kCgroupThrottled, {}, {}, {}, {}},
    {kCgroupThrottledUs, &kCgroupThrottledTime, {}, {}, {}, {}},
    {kCgroupMemoryNow, &kCgroupMemory, {}, {}, {}, {}},
    {kCgroupMemoryMost, &kCgroupMemoryPeak, {}, {}, {}, {}},
    {kCgroupMemoryMax, &kCgroupMemoryLimit, {}, {}, {}, {}},
    {kCgroupSwapNow, &kCgroupSwap, {}, {}, {}, {}},
    {kCgroupOom, &kCgroupMemoryEvents, kEvent, "oom", {}, {}},
    {kCgroupOomKill, &kCgroupMemoryEvents, kEvent, "oom_kill", {}, {}},
    {kCgroupReadBytes, &kCgroupIo, kDirection, "read", {}, {}},
    {kCgroupWrittenBytes, &kCgroupIo, kDirection, "write", {}, {}},
    {kCgroupReads, &kCgroupIoOperations, kDirection, "read", {}, {}},
    {kCgroupWrites, &kCgroupIoOperations, kDirection, "write", {}, {}},
    {kCgroupTaskCount, &kCgroupTasks, {}, {}, {}, {}},
    {kCgroupCpuSome, &kCgroupPressure, kResource, "cpu", kKind, "some"},
    {kCgroupCpuFull, &kCgroupPressure, kResource, "cpu", kKind, "full"},
    {kCgroupMemorySome, &kCgroupPressure, kResource, "memory", kKind, "some"},
    {kCgroupMemoryFull, &kCgroupPressure, kResource, "memory", kKind, "full"},
    {kCgroupIoSome, &kCgroupPressure, kResource, "io", kKind, "some"},
    {kCgroupIoFull, &kCgroupPressure, kResource, "io", kKind, "full"},
};

// The same with ids.
struct Named {
  CgroupFigure figure;
  bool microseconds;
  picket_name metric, key, value, second_key, second_value;
};

class CgroupsGroup final : public Group {
 public:
  CgroupsGroup(const CgroupsSettings& settings, const Machine& machine, const Vocabulary& vocabulary)
      : settings_(settings),
        online_cpus_(machine.online_cpus),
        tree_(machine.cgroups, settings.depth),
        room_(machine.kept_process_files / 2),
        path_key_(vocabulary.name("picket.cgroup.path")),
        utilization_(vocabulary.metric(kCgroupCpuUtilization)),
        count_(vocabulary.metric(kCgroupCount)),
        root_fault_(faults_.add("groups.cgroups: " + machine.cgroups)),
        limit_fault_(faults_.add("groups.cgroups.limit")),
        walk_fault_(faults_.add("groups.cgroups.depth")),
        read_fault_(faults_.add("groups.cgroups: a file")) {
    const auto name = [&](std::string_view text) { return text.empty() ? picket_name{0} : vocabulary.name(text); };
    for (const Row& row : kRows) {
      rows_.push_back({row.figure, row.metric->unit == "s", vocabulary.metric(*row.metric), name(row.key),
                       name(row.value), name(row.second_key), name(row.second_value)});
    }
  }

  ~CgroupsGroup() override {
    for (Unit& unit : units_) close_all(unit);
  }
  CgroupsGroup(const CgroupsGroup&) = delete;
  CgroupsGroup& operator=(const CgroupsGroup&) = delete;

  void collect(std::int64_t monotonic_ns, Samples& samples) override {
    const int error = tree_.walk();
    if (error != 0) return tell_root(error);
    faults_.good(root_fault_);
    tree_.cut()
        ? faults_.bad(walk_fault_, "more than 20,000 control groups; the others are left out: set a smaller depth")
        : faults_.good(walk_fault_);
    follow();
    const std::int64_t elapsed_ns = last_ns_ ? monotonic_ns - *last_ns_ : 0;
    last_ns_ = monotonic_ns;
    capacity_us_ = static_cast<double>(elapsed_ns) * 1e-3 * online_cpus_();
    read_error_ = 0;
    samples.add(count_, static_cast<std::int64_t>(units_.size()));
    for (Unit& unit : units_) add(unit, samples);
    if (read_error_ == 0) faults_.good(read_fault_);
  }

 private:
  void tell_root(int error) {
    if (error == ENOTSUP) {
      return faults_.bad(root_fault_,
                         "this machine has control groups of version 1, or of both versions; boot it with "
                         "systemd.unified_cgroup_hierarchy=1, or remove the group `cgroups` from the settings");
    }
    faults_.bad(root_fault_, reason(error));
  }

  // Makes units_ agree with the tree. Those that are known keep their place; what comes beyond the limit waits for one.
  void follow() {
    for (Unit& unit : units_) unit.seen = false;
    std::size_t refused = 0;
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t i = 0; i < tree_.size(); ++i) {
        const std::string& path = tree_.path(i);
        if (!settings_.paths.wants(path)) continue;
        const auto at = std::lower_bound(units_.begin(), units_.end(), path,
                                         [](const Unit& unit, const std::string& text) { return unit.path < text; });
        if (at != units_.end() && at->path == path) {
          at->seen = true;
        } else if (pass == 1 && units_.size() < settings_.limit) {
          insert(at, path);
        } else if (pass == 1) {
          ++refused;
        }
      }
      if (pass == 0) forget_unseen();
    }
    if (refused == 0) return faults_.good(limit_fault_);
    faults_.bad(limit_fault_,
                "as many control groups as it allows are shown, and further ones left out; raise it, or "
                "narrow include and exclude");
  }

  void forget_unseen() {
    std::erase_if(units_, [this](Unit& unit) {
      if (!unit.seen) close_all(unit);
      return !unit.seen;
    });
  }

  void close_all(Unit& unit) {
    for (int& file : unit.files) close_file(file);
  }
  void close_file(int& file) {
    if (file < 0) return;
    ::close(std::exchange(file, -1));
    ++room_;
  }

  void add(Unit& unit, Samples& samples) {
    CgroupFigures figures{};
    for (std::size_t i = 0; i < kCgroupFileCount; ++i) {
      if (unit.absent[i] > 0) {
        --unit.absent[i];
        continue;
      }
      std::size_t length = 0;
      int error = read(unit, i, length);
      if (error == 0 && !kCgroupFiles[i].parse({text_.data(), length}, figures)) error = EINVAL;
      if (error != 0) missing(unit, i, error);
    }
    for (const Named& row : rows_) {
      if (figures[row.figure]) add_row(row, *figures[row.figure], unit, samples);
    }
    add_utilization(unit, figures, samples);
  }

  // Opened, or read again; one of a control group that was made anew is opened anew. 0 or the errno.
  int read(Unit& unit, std::size_t i, std::size_t& length) {
    int& kept = unit.files[i];
    if (kept >= 0) {
      const ssize_t got = ::pread(kept, text_.data(), text_.size(), 0);
      length = got > 0 ? static_cast<std::size_t>(got) : 0;
      if (got >= 0) return 0;
      close_file(kept);
    }
    path_.assign(unit.path).append("/").append(kCgroupFiles[i].name);
    const int file = ::openat(tree_.root(), path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno;
    const ssize_t got = ::pread(file, text_.data(), text_.size(), 0);
    const int error = got < 0 ? errno : 0;
    length = got > 0 ? static_cast<std::size_t>(got) : 0;
    if (error == 0 && room_ > 0) {
      kept = file;
      --room_;
    } else {
      ::close(file);
    }
    return error;
  }

  // A controller that is off, or a kernel without it: no fault. Anything else is one.
  void missing(Unit& unit, std::size_t i, int error) {
    if (error == ENOENT || error == ENODEV || error == EOPNOTSUPP) {
      unit.absent[i] = kTicksUntilRetry;
      return;
    }
    if (read_error_ == 0) {
      const std::string why = error == EINVAL ? "its text is malformed" : reason(error);
      faults_.bad(read_fault_, unit.path + "/" + kCgroupFiles[i].name + ": " + why);
    }
    read_error_ = error;
  }

  void add_row(const Named& row, std::uint64_t value, const Unit& unit, Samples& samples) const {
    row.microseconds ? samples.add(row.metric, static_cast<double>(value) / 1e6)
                     : samples.add(row.metric, static_cast<std::int64_t>(value));
    if (row.key != 0) samples.set(row.key, row.value);
    if (row.second_key != 0) samples.set(row.second_key, row.second_value);
    samples.set_text(path_key_, unit.path);
  }

  void add_utilization(Unit& unit, const CgroupFigures& figures, Samples& samples) const {
    const std::optional<std::uint64_t> before = unit.cpu_before;
    unit.cpu_before.reset();
    if (!figures[kCgroupUser] || !figures[kCgroupSystem]) return;
    const std::uint64_t now = *figures[kCgroupUser] + *figures[kCgroupSystem];
    unit.cpu_before = now;
    if (!before || now < *before || capacity_us_ <= 0) return;  // less: it was made anew
    samples.add(utilization_, static_cast<double>(now - *before) / capacity_us_).set_text(path_key_, unit.path);
  }

  void insert(std::vector<Unit>::const_iterator at, const std::string& path) {
    Unit unit;
    unit.path = path;
    unit.files.fill(-1);
    units_.insert(at, std::move(unit));
  }

  CgroupsSettings settings_;
  int (*online_cpus_)();
  CgroupTree tree_;
  std::size_t room_;  // descriptors that may still be kept
  picket_name path_key_, utilization_, count_;
  Faults::Slot root_fault_, limit_fault_, walk_fault_, read_fault_;
  std::vector<Named> rows_;
  std::vector<Unit> units_;  // ascending paths
  std::optional<std::int64_t> last_ns_;
  double capacity_us_ = 0;
  int read_error_ = 0;
  std::string path_;
  std::array<char, kCgroupText> text_{};
};

}  // namespace

std::unique_ptr<Group> make_cgroups(const CgroupsSettings& settings, const Machine& machine,
                                    const Vocabulary& vocabulary) {
  return std::make_unique<CgroupsGroup>(settings, machine, vocabulary);
}

}  // namespace picket::perf_collector
