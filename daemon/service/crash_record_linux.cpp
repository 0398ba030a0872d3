// SPDX-License-Identifier: Apache-2.0
//
// Everything that the handler needs is laid out when it is installed: it may not allocate, lock or format with the
// C library (signal-safety(7)).
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <system_error>

#include "routing/recorder/recording.hpp"
#include "service/crash_record.hpp"

namespace picket::service {
namespace {

constexpr std::array<int, 5> kCrashSignals = {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE};
constexpr std::size_t kCrashStack = 64U * 1024;

struct CrashState {
  routing::Recorder* recorder = nullptr;
  const routing::Names* names = nullptr;
  char path[PATH_MAX] = {};  // the directory and a slash; the handler appends the name
  std::size_t path_length = 0;
  struct sigaction previous[kCrashSignals.size()] = {};
};
CrashState crash_state;
std::atomic<bool> crash_installed{false};
std::atomic<int> crash_thread{0};  // that writes
static_assert(std::atomic<int>::is_always_lock_free, "the handler may not wait for a lock");

void append_path_text(CrashState& state, const char* text) {
  const std::size_t length = std::strlen(text);
  if (state.path_length + length >= sizeof state.path) return;
  std::memcpy(state.path + state.path_length, text, length + 1);
  state.path_length += length;
}

void append_path_number(CrashState& state, std::uint64_t number) {
  char digits[21];
  std::size_t at = sizeof digits - 1;
  digits[at] = 0;
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  append_path_text(state, digits + at);
}

bool write_crash_bytes(void* context, const void* data, std::size_t length) {
  const int file = *static_cast<const int*>(context);
  const char* rest = static_cast<const char*>(data);
  while (length != 0) {
    const ssize_t written = write(file, rest, length);  // memory that is not there is an error of the call, EFAULT
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    rest += written;
    length -= static_cast<std::size_t>(written);
  }
  return true;
}

void write_crash_file(int number, const siginfo_t& info) {
  struct timespec now {};
  clock_gettime(CLOCK_REALTIME, &now);
  routing::CrashReason reason;
  reason.wall_ns = std::int64_t{now.tv_sec} * platform::kSecond + now.tv_nsec;
  reason.process = static_cast<std::uint32_t>(getpid());
  reason.thread = static_cast<std::uint32_t>(syscall(SYS_gettid));
  reason.signal = static_cast<std::uint32_t>(number);
  reason.code = static_cast<std::uint32_t>(info.si_code);
  if (info.si_code > 0) reason.address = reinterpret_cast<std::uintptr_t>(info.si_addr);
  append_path_text(crash_state, "crash-");
  append_path_number(crash_state, static_cast<std::uint64_t>(now.tv_sec));
  append_path_text(crash_state, "-");
  append_path_number(crash_state, reason.process);
  append_path_text(crash_state, ".pktrec");
  int file = open(crash_state.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return;
  write_crash_record(*crash_state.recorder, *crash_state.names, reason, {write_crash_bytes, &file});
  close(file);
}

extern "C" void picket_on_crash(int number, siginfo_t* info, void* /*context*/) {
  const int saved = errno;
  const auto self = static_cast<int>(syscall(SYS_gettid));
  int none = 0;
  if (crash_thread.compare_exchange_strong(none, self)) {
    write_crash_file(number, *info);
  } else if (none != self) {
    // Another thread crashed first; it ends the process when it is done.
    for (int i = 0; i < 50; ++i) {
      const struct timespec moment { 0, 100'000'000 };
      nanosleep(&moment, nullptr);
    }
  }
  for (std::size_t i = 0; i < kCrashSignals.size(); ++i) {
    sigaction(kCrashSignals[i], &crash_state.previous[i], nullptr);
  }
  // A fault happens again when this returns, with its own registers and address; what was sent has to be sent again.
  if (info->si_code <= 0) syscall(SYS_tgkill, getpid(), self, number);
  errno = saved;
}

class SignalCrashRecord final : public CrashRecord {
 public:
  explicit SignalCrashRecord(void* stack) : stack_(stack) {
    struct sigaction action {};
    action.sa_sigaction = picket_on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    if (stack_ != MAP_FAILED) {
      stack_t fresh{};
      fresh.ss_sp = stack_;
      fresh.ss_size = kCrashStack;
      sigaltstack(&fresh, &previous_stack_);
    }
    for (std::size_t i = 0; i < kCrashSignals.size(); ++i) {
      sigaction(kCrashSignals[i], &action, &crash_state.previous[i]);
    }
  }
  SignalCrashRecord(const SignalCrashRecord&) = delete;
  SignalCrashRecord& operator=(const SignalCrashRecord&) = delete;
  ~SignalCrashRecord() override {
    for (std::size_t i = 0; i < kCrashSignals.size(); ++i) {
      sigaction(kCrashSignals[i], &crash_state.previous[i], nullptr);
    }
    if (stack_ != MAP_FAILED) {
      sigaltstack(&previous_stack_, nullptr);
      munmap(stack_, kCrashStack);
    }
    crash_state = CrashState{};
    crash_installed = false;
  }

 private:
  void* const stack_;
  stack_t previous_stack_{};
};

}  // namespace

Result<std::unique_ptr<CrashRecord>> CrashRecord::install(routing::Recorder& recorder, const routing::Names& names,
                                                          const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error{"cannot make " + directory.string() + ": " + error.message(), PICKET_FAILED};
  const std::string prefix = directory.string() + "/";
  if (prefix.size() + 64 > PATH_MAX) return Error{"the path " + prefix + " is too long", PICKET_LIMIT};
  if (crash_installed.exchange(true)) return Error{"crashes are already recorded in this process", PICKET_REFUSED};
  crash_state.recorder = &recorder;
  crash_state.names = &names;
  append_path_text(crash_state, prefix.c_str());
  void* const stack = mmap(nullptr, kCrashStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return std::unique_ptr<CrashRecord>(new SignalCrashRecord(stack));
}

}  // namespace picket::service
