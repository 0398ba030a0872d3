// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace picket::integration {
namespace {

constexpr std::chrono::milliseconds kPause{5};

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

bool belongs_to_us_alone(std::string_view variable) {
  for (const std::string_view name : {"NOTIFY_SOCKET=", "WATCHDOG_", "STATE_DIRECTORY=", "CREDENTIALS_DIRECTORY=",
                                      "CONFIGURATION_DIRECTORY=", "LD_PRELOAD=", "PICKET_"}) {
    if (variable.starts_with(name)) return true;
  }
  return false;
}

std::vector<std::string> child_environment(const Environment& extra) {
  std::vector<std::string> result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const bool replaced = extra.contains(std::string(text.substr(0, text.find('='))));
    if (!replaced && !belongs_to_us_alone(text)) result.emplace_back(text);
  }
  for (const auto& [name, value] : extra) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  return ends;
}

}  // namespace

bool wait_until(const std::function<bool()>& condition, std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(kPause);  // poll
  }
  return true;
}

Process::Process(const std::vector<std::string>& words, const Environment& environment) {
  std::vector<std::string> arguments = words;
  std::vector<std::string> variables = child_environment(environment);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(variables);
  const auto out = make_pipe();
  const auto err = make_pipe();
  const auto started = make_pipe();  // closed by a successful exec, else it carries errno
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const pid_t parent = getpid();
  id_ = fork();
  if (id_ < 0) fail("fork");
  if (id_ == 0) {
    // Only async-signal-safe calls from here on.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(nothing, STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    execvpe(argv[0], argv.data(), envp.data());
    const int why = errno;
    [[maybe_unused]] const ssize_t told = write(started[1], &why, sizeof why);
    _exit(127);
  }
  for (const int end : {out[1], err[1], started[1], nothing}) close(end);
  out_.end = out[0];
  err_.end = err[0];
  int why = 0;
  const bool failed = read(started[0], &why, sizeof why) > 0;
  close(started[0]);
  collector_ = std::thread([this] { collect(); });
  if (failed) {
    wait_exit();
    close(out_.end);
    close(err_.end);
    errno = why;
    fail("cannot start " + words.front());
  }
}

Process::~Process() {
  if (!exit_code_) kill9();
  close(out_.end);
  close(err_.end);
}

void Process::collect() {
  std::array<char, 8'192> buffer{};
  std::array<Stream*, 2> streams = {&out_, &err_};
  while (!out_.over || !err_.over) {  // written by this thread alone
    std::array<pollfd, 2> waiting{};
    for (std::size_t i = 0; i < streams.size(); ++i) waiting[i] = {streams[i]->over ? -1 : streams[i]->end, POLLIN, 0};
    poll(waiting.data(), waiting.size(), -1);
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      const ssize_t length = read(streams[i]->end, buffer.data(), buffer.size());
      if (length < 0 && errno == EINTR) continue;
      const std::lock_guard lock(mutex_);
      if (length > 0) {
        streams[i]->text.append(buffer.data(), static_cast<std::size_t>(length));
      } else {
        streams[i]->over = true;
      }
      more_.notify_all();
    }
  }
}

void Process::signal(int number) const {
  if (!exit_code_ && kill(id_, number) != 0) fail("kill");
}

std::string Process::out() const {
  const std::lock_guard lock(mutex_);
  return out_.text;
}

std::string Process::err() const {
  const std::lock_guard lock(mutex_);
  return err_.text;
}

bool Process::wait_for_err(const std::string& text, int times) const {
  std::unique_lock lock(mutex_);
  const auto there = [&] { return count_of(err_.text, text) >= times; };
  more_.wait_for(lock, kPatience, [&] { return there() || err_.over; });
  return there();
}

std::optional<int> Process::wait_exit(std::chrono::seconds patience) {
  if (exit_code_) return exit_code_;
  int status = 0;
  const bool ended = wait_until([&] { return waitpid(id_, &status, WNOHANG) == id_; }, patience);
  if (!ended) return std::nullopt;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  collector_.join();
  return exit_code_;
}

void Process::kill9() {
  signal(SIGKILL);
  int status = 0;
  waitpid(id_, &status, 0);
  exit_code_ = 128 + SIGKILL;
  collector_.join();
}

Output run_to_end(const std::vector<std::string>& words, const Environment& environment,
                  std::chrono::seconds patience) {
  Process process(words, environment);
  const auto exit_code = process.wait_exit(patience);
  if (!exit_code) throw std::runtime_error(words.front() + " does not end");
  return {*exit_code, process.out(), process.err()};
}

int count_of(const std::string& whole, const std::string& part) {
  int count = 0;
  for (std::size_t at = whole.find(part); at != std::string::npos; at = whole.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace picket::integration
