// SPDX-License-Identifier: Apache-2.0
//
// Processes on Linux: one pass over /proc, one pread of a kept /proc/PID/stat for each process. A kept file stays bound
// to its process: once that is gone, reading it fails, even if its pid was given again.
#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "proc_file.hpp"
#include "process_source.hpp"
#include "scan.hpp"
#include "small_file.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::size_t kCommandLimit = 4096;

struct KeptFile {
  std::int64_t pid;
  int descriptor;
};

class ProcSource final : public ProcessSource {
 public:
  ProcSource(const Machine& machine, Faults& faults)
      : root_(machine.proc + "/"),
        page_bytes_(machine.page_bytes),
        budget_(machine.kept_process_files),
        faults_(faults),
        list_fault_(faults.add(machine.proc)),
        open_fault_(faults.add(machine.proc + "/PID/stat")),
        parse_fault_(faults.add(machine.proc + "/PID/stat: content")) {}

  ~ProcSource() override {
    for (const KeptFile& file : kept_) ::close(file.descriptor);
    if (directory_ != nullptr) ::closedir(directory_);
  }
  ProcSource(const ProcSource&) = delete;
  ProcSource& operator=(const ProcSource&) = delete;

  bool read(std::vector<ProcessStat>& processes) override {
    processes.clear();
    if (!list()) return false;
    next_kept_.clear();
    open_error_ = 0;
    bool well_formed = true;
    auto kept = kept_.begin();
    for (const std::int64_t pid : pids_) {
      for (; kept != kept_.end() && kept->pid < pid; ++kept) ::close(kept->descriptor);
      const bool has_file = kept != kept_.end() && kept->pid == pid;
      std::size_t length = 0;
      if (!read_stat(pid, has_file ? (kept++)->descriptor : -1, length)) continue;
      ProcessStat& process = processes.emplace_back();
      if (!parse_process_stat({text_.data(), length}, page_bytes_, process) || process.pid != pid) {
        processes.pop_back();
        well_formed = false;
      }
    }
    for (; kept != kept_.end(); ++kept) ::close(kept->descriptor);
    kept_.swap(next_kept_);
    tell(well_formed);
    return true;
  }

  std::string_view command_line(std::int64_t pid) override {
    const std::ptrdiff_t got = read_once(path(pid, "cmdline"), command_.data(), command_.size());
    std::size_t length = got > 0 ? static_cast<std::size_t>(got) : 0;
    while (length > 0 && command_[length - 1] == '\0') --length;
    std::replace(command_.data(), command_.data() + length, '\0', ' ');
    return {command_.data(), length};
  }

  // The effective user: second number of the line "Uid:" of status.
  std::string owner(std::int64_t pid) override {
    std::array<char, 2048> text;
    const std::ptrdiff_t got = read_once(path(pid, "status"), text.data(), text.size());
    Scanner file({text.data(), got > 0 ? static_cast<std::size_t>(got) : 0});
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
  // Fills pids_. The directory stays open; a mount that was replaced shows as an empty or failing list.
  bool list() {
    pids_.clear();
    if (directory_ != nullptr) {
      ::rewinddir(directory_);
      read_directory();
    }
    if (!pids_.empty()) return good_list();
    if (directory_ != nullptr) ::closedir(directory_);
    directory_ = ::opendir(root_.c_str());
    if (directory_ == nullptr) {
      faults_.bad(list_fault_, reason(errno));
      return false;
    }
    read_directory();
    if (!pids_.empty()) return good_list();
    faults_.bad(list_fault_, "no process in it; is the process file system mounted there?");
    return false;
  }

  void read_directory() {
    while (const dirent* entry = ::readdir(directory_)) {
      std::int64_t pid = 0;
      const char* end = entry->d_name + std::strlen(entry->d_name);
      const auto [stop, error] = std::from_chars(entry->d_name, end, pid);
      if (error == std::errc() && stop == end && pid > 0) pids_.push_back(pid);
    }
  }

  bool good_list() {
    faults_.good(list_fault_);
    // The kernel lists them in this order; an ordinary folder of a test does not.
    if (!std::is_sorted(pids_.begin(), pids_.end())) std::sort(pids_.begin(), pids_.end());
    return true;
  }

  // Reads the stat file into text_; takes over `descriptor` (or -1).
  bool read_stat(std::int64_t pid, int descriptor, std::size_t& length) {
    if (descriptor >= 0) {
      const ssize_t got = ::pread(descriptor, text_.data(), text_.size(), 0);
      if (got > 0) return keep(pid, descriptor, static_cast<std::size_t>(got), length);
      ::close(descriptor);  // it exited; the pid may already be another process's
    }
    descriptor = ::open(path(pid, "stat"), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return failed(errno);
    const ssize_t got = ::pread(descriptor, text_.data(), text_.size(), 0);
    if (got >= 0) return keep(pid, descriptor, static_cast<std::size_t>(got), length);
    const int error_number = errno;
    ::close(descriptor);
    return failed(error_number);
  }

  bool keep(std::int64_t pid, int descriptor, std::size_t got, std::size_t& length) {
    length = got;
    if (next_kept_.size() < budget_) {
      next_kept_.push_back({pid, descriptor});
    } else {
      ::close(descriptor);
    }
    return true;
  }

  bool failed(int error_number) {
    if (error_number == ENOENT || error_number == ESRCH) return false;  // it exited after it was listed: no fault
    open_error_ = error_number;
    if (error_number == EMFILE || error_number == ENFILE) budget_ = next_kept_.size() / 2;
    return false;
  }

  void tell(bool well_formed) {
    open_error_ == 0 ? faults_.good(open_fault_) : faults_.bad(open_fault_, reason(open_error_));
    well_formed ? faults_.good(parse_fault_) : faults_.bad(parse_fault_, "malformed; that process is left out");
  }

  // "/proc/123/stat" in a buffer that the next call overwrites.
  const char* path(std::int64_t pid, std::string_view file) {
    path_.assign(root_);
    std::array<char, 24> digits;
    path_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), pid).ptr);
    path_.append("/").append(file);
    return path_.c_str();
  }

  std::string root_, path_;
  std::int64_t page_bytes_;
  std::size_t budget_;
  Faults& faults_;
  Faults::Slot list_fault_, open_fault_, parse_fault_;
  DIR* directory_ = nullptr;
  int open_error_ = 0;
  std::vector<std::int64_t> pids_;
  std::vector<KeptFile> kept_, next_kept_;  // ascending pids
  std::array<char, 2048> text_{};
  std::array<char, kCommandLimit> command_{};
};

}  // namespace

std::unique_ptr<ProcessSource> make_process_source(const Machine& machine, Faults& faults) {
  return std::make_unique<ProcSource>(machine, faults);
}

}  // namespace picket::perf_collector
