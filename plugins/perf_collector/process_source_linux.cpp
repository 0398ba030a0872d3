// SPDX-License-Identifier: Apache-2.0
//
// Processes on Linux: one pass over /proc, one pread of a kept /proc/PID/stat for each process, and of one more kept
// file for each kind of detail. A kept file stays bound to its process: once that is gone, reading it fails, even if
// its pid was given again.
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <utility>

#include "pid_list_linux.hpp"
#include "proc_file.hpp"
#include "process_source.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::size_t kCommandLimit = 4096;
constexpr std::size_t kTextLimit = 16'384;               // of `status`, the longest: its list of groups may be long
constexpr decltype(statfs::f_type) kProcMagic = 0x9fa0;  // PROC_SUPER_MAGIC of linux/magic.h

// Those that stay open, by their place in KeptFiles.
enum KeptFile : std::uint8_t { kStatFile, kIoFile, kStatmFile, kStatusFile };
constexpr std::array<std::string_view, 4> kFileNames{"stat", "io", "statm", "status"};

class ProcSource final : public ProcessSource {
 public:
  ProcSource(const Machine& machine, Faults& faults)
      : root_(machine.proc + "/"),
        pids_(root_),
        page_bytes_(machine.page_bytes),
        ticks_per_second_(static_cast<double>(machine.ticks_per_second)),
        budget_(machine.kept_process_files),
        faults_(faults),
        list_fault_(faults.add(machine.proc)),
        open_fault_(faults.add(machine.proc + "/PID/stat")),
        parse_fault_(faults.add(machine.proc + "/PID/stat: content")) {
    struct statfs system {};
    supported_ = present_details();
    counts_files_ = ::statfs(root_.c_str(), &system) == 0 && system.f_type == kProcMagic;
  }

  bool list(std::vector<std::int64_t>& pids) override {
    const int error = pids_.read(pids);
    if (error == 0) {
      faults_.good(list_fault_);
    } else if (error == ENODATA) {
      faults_.bad(list_fault_, "no process in it; is the process file system mounted there?");
    } else {
      faults_.bad(list_fault_, reason(error));
    }
    return error == 0;
  }

  ReadResult read(std::int64_t pid, KeptFiles& files, ProcessStat& process) override {
    std::size_t length = 0;
    // Only a kept `stat` proves that the others are still of the process that has this pid.
    if (files.descriptors[kStatFile] < 0) release(files);
    int error = read_kept(pid, kStatFile, files, length);
    if (error == ESRCH && files.descriptors[kStatFile] >= 0) {
      release(files);  // it exited; the pid may already be another process's
      error = read_kept(pid, kStatFile, files, length);
    }
    if (error == ENOENT || error == ESRCH) return ReadResult::gone;
    if (error != 0) {
      open_error_ = error;
      return ReadResult::refused;
    }
    if (parse_process_stat({text_.data(), length}, page_bytes_, process) && process.pid == pid) {
      return ReadResult::good;
    }
    malformed_ = true;
    return ReadResult::refused;
  }

  void read_details(DetailSet wanted, KeptFiles& files, ProcessStat& process) override {
    const auto read_file = [&](ProcessDetail detail, KeptFile file, auto parse) {
      if ((wanted & detail_bit(detail)) == 0) return;
      std::size_t length = 0;
      const int error = read_kept(process.pid, file, files, length);
      if (error != 0 || !parse(std::string_view(text_.data(), length))) refuse(detail, error, process);
    };
    read_file(kDetailIo, kIoFile, [&](std::string_view text) { return parse_process_io(text, process); });
    read_file(kDetailShared, kStatmFile,
              [&](std::string_view text) { return parse_process_statm(text, page_bytes_, process); });
    read_file(kDetailSwitches, kStatusFile, [&](std::string_view text) { return parse_process_status(text, process); });
    if ((wanted & detail_bit(kDetailFiles)) != 0) count_files(process);
    if ((wanted & detail_bit(kDetailPss)) != 0) read_pss(process);
  }

  void end(bool all) override {
    if (open_error_ != 0) faults_.bad(open_fault_, reason(open_error_));
    if (malformed_) faults_.bad(parse_fault_, "malformed; that process is left out");
    failed_ = failed_ || open_error_ != 0;
    malformed_before_ = malformed_before_ || malformed_;
    if (all && !failed_) faults_.good(open_fault_);
    if (all && !malformed_before_) faults_.good(parse_fault_);
    if (all) failed_ = malformed_before_ = false;
    open_error_ = 0;
    malformed_ = false;
  }

  void release(KeptFiles& files) override {
    for (int& descriptor : files.descriptors) close_kept(descriptor);
  }

  DetailSet supported() const override { return supported_; }

  // Since Linux 3.4 the start counts from boot with the time asleep included.
  double age_seconds(std::uint64_t start) const override {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::max(0.0, static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 -
                             static_cast<double>(start) / ticks_per_second_);
  }

  std::string_view command_line(std::int64_t pid) override {
    const int descriptor = open_file(pid, "cmdline");
    if (descriptor < 0) return {};
    const ssize_t got = ::pread(descriptor, command_.data(), command_.size(), 0);
    ::close(descriptor);
    std::size_t length = got > 0 ? static_cast<std::size_t>(got) : 0;
    while (length > 0 && command_[length - 1] == '\0') --length;
    std::replace(command_.data(), command_.data() + length, '\0', ' ');
    return {command_.data(), length};
  }

  std::string_view program(std::int64_t pid) override {
    const ssize_t got = ::readlinkat(pids_.folder(), path(pid, "exe"), command_.data(), command_.size());
    return {command_.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }

  std::string_view cgroup(std::int64_t pid) override {
    std::size_t length = 0;
    const int descriptor = open_file(pid, "cgroup");
    if (descriptor < 0) return {};
    const int error = read_text(descriptor, length);
    ::close(descriptor);
    return error == 0 ? parse_process_cgroup({text_.data(), length}) : std::string_view{};
  }

  // The effective user: second number of the line "Uid:" of status.
  std::string owner(std::int64_t pid) override {
    std::size_t length = 0;
    const int descriptor = open_file(pid, "status");
    if (descriptor < 0) return {};
    const int error = read_text(descriptor, length);
    ::close(descriptor);
    if (error != 0) return {};
    Scanner file({text_.data(), length});
    for (std::string_view line; file.line(line);) {
      if (!line.starts_with("Uid:")) continue;
      Scanner numbers(line.substr(4));
      std::string_view user;
      if (numbers.skip(1) && numbers.word(user)) return std::string(user);
    }
    return {};
  }

  Result<std::string> owner_key(const std::string& user) override {
    if (!user.empty() && user.find_first_not_of("0123456789") == std::string::npos) return user;
    std::vector<char> buffer(16'384);
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr) return std::to_string(entry.pw_uid);
    return Error{"there is no user \"" + user + "\"" + (error != 0 ? ": " + reason(error) : "") +
                     "; give a name that this machine knows, or a numeric id",
                 PICKET_INVALID};
  }

 private:
  // Reads a file of a process into text_: the kept one, else it is opened, and kept if there is room. 0 or the errno.
  int read_kept(std::int64_t pid, KeptFile file, KeptFiles& files, std::size_t& length) {
    int& descriptor = files.descriptors[file];
    const bool was_kept = descriptor >= 0;
    if (!was_kept) descriptor = open_file(pid, kFileNames[file]);
    if (descriptor < 0) return note_limit(errno);
    const int error = read_text(descriptor, length);
    if (was_kept) {
      // Fewer may be kept than before, after the process ran out of them.
      if (kept_ > budget_) close_kept(descriptor);
    } else if (error == 0 && kept_ < budget_) {
      ++kept_;
    } else {
      ::close(std::exchange(descriptor, -1));
    }
    return error;
  }

  int read_text(int descriptor, std::size_t& length) {
    const ssize_t got = ::pread(descriptor, text_.data(), text_.size(), 0);
    if (got < 0) return errno;
    length = static_cast<std::size_t>(got);
    return 0;
  }

  void close_kept(int& descriptor) {
    if (descriptor < 0) return;
    ::close(std::exchange(descriptor, -1));
    --kept_;
  }

  int open_file(std::int64_t pid, std::string_view file, int flags = 0) {
    return ::openat(pids_.folder(), path(pid, file), O_RDONLY | O_CLOEXEC | flags);
  }

  int note_limit(int error_number) {
    if (error_number == EMFILE || error_number == ENFILE) budget_ = kept_ / 2;
    return error_number;
  }

  // A process that ended, or that only waits for its parent, refuses nothing: it has nothing any more.
  static void refuse(ProcessDetail detail, int error, ProcessStat& process) {
    if (error == ENOENT || error == ESRCH || process.state == kDefunct) return;
    process.refused |= detail_bit(detail);
  }

  // Since Linux 6.2 the size of the folder is how many there are; before, and where /proc is a test's folder, they are
  // listed. Who may see the size is not always allowed to list: ask for both, so that the answer is the same
  // everywhere.
  void count_files(ProcessStat& process) {
    const int descriptor = open_file(process.pid, "fd", O_DIRECTORY);
    if (descriptor < 0) return refuse(kDetailFiles, note_limit(errno), process);
    struct stat folder {};
    const bool sized = counts_files_ && ::fstat(descriptor, &folder) == 0 && folder.st_size > 0;
    const std::int64_t count = sized ? folder.st_size : count_entries(descriptor, text_.data(), text_.size());
    ::close(descriptor);
    if (count < 0) return refuse(kDetailFiles, EIO, process);
    process.gauges[kOpenFiles] = count;
    process.have |= detail_bit(kDetailFiles);
  }

  void read_pss(ProcessStat& process) {
    if (process.kernel) {  // has no memory of its own, and its file is empty
      process.have |= detail_bit(kDetailPss);
      return;
    }
    const int descriptor = open_file(process.pid, "smaps_rollup");
    if (descriptor < 0) return refuse(kDetailPss, note_limit(errno), process);
    std::size_t length = 0;
    const int error = read_text(descriptor, length);
    ::close(descriptor);
    if (error != 0 || !parse_smaps_rollup({text_.data(), length}, process)) refuse(kDetailPss, error, process);
  }

  // A kernel may be built without one of these; a test's folder has no `self/stat`, and then all are taken to be there.
  DetailSet present_details() const {
    DetailSet all = (1U << kProcessDetails) - 1;
    if (::access((root_ + "self/stat").c_str(), F_OK) != 0) return all;
    constexpr std::pair<ProcessDetail, const char*> kFiles[] = {
        {kDetailIo, "io"}, {kDetailShared, "statm"}, {kDetailFiles, "fd"}, {kDetailPss, "smaps_rollup"}};
    for (const auto& [detail, file] : kFiles) {
      if (::access((root_ + "self/" + file).c_str(), F_OK) != 0) all &= static_cast<DetailSet>(~detail_bit(detail));
    }
    return all;
  }

  // "123/stat" in a buffer that the next call overwrites; for openat().
  const char* path(std::int64_t pid, std::string_view file) {
    char* end = std::to_chars(path_.data(), path_.data() + 20, pid).ptr;
    *end++ = '/';
    end += file.copy(end, 20);
    *end = '\0';
    return path_.data();
  }

  std::string root_;
  PidList pids_;
  std::int64_t page_bytes_;
  double ticks_per_second_;
  std::size_t budget_;
  std::size_t kept_ = 0;
  Faults& faults_;
  Faults::Slot list_fault_, open_fault_, parse_fault_;
  DetailSet supported_ = 0;
  bool counts_files_ = false;
  int open_error_ = 0;                              // at this reading
  bool malformed_ = false;                          // at this reading
  bool failed_ = false, malformed_before_ = false;  // since all processes were read
  std::array<char, 48> path_{};
  std::array<char, kTextLimit> text_{};
  std::array<char, kCommandLimit> command_{};
};

}  // namespace

std::unique_ptr<ProcessSource> make_process_source(const Machine& machine, Faults& faults) {
  return std::make_unique<ProcSource>(machine, faults);
}

}  // namespace picket::perf_collector
