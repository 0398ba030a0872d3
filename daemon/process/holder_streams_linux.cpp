// SPDX-License-Identifier: Apache-2.0
//
// What programs write: read as soon as it is there, so that no program waits for us; into files and towards the daemon.
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "picket/ext/process.h"
#include "process/holder_core_linux.hpp"

namespace picket::process {
namespace {

constexpr std::uint64_t kOutputWindow = 1U << 20U;  // of a stream, on its way without an acknowledgement
constexpr std::size_t kOutputPiece = 128U << 10U;   // of one report
constexpr std::size_t kClientFull = 1U << 20U;      // output waits while so much is unsent
constexpr std::size_t kNotifyMessage = 4096;

const char* step_of(std::uint32_t stream) {
  return stream == 0 ? "output" : "error output";
}

}  // namespace

std::shared_ptr<RotatingFile> Holder::shared_file(const StreamSpec& spec, int& error) {
  std::weak_ptr<RotatingFile>& known = files_[spec.file];
  if (auto file = known.lock()) return file;
  auto file = std::make_shared<RotatingFile>(
      spec.file, RotatingFile::Rules{spec.rotate_bytes, spec.rotate_age_ns, std::min(spec.rotate_keep, 1'000U)});
  error = file->open(now());
  if (error == 0) known = file;
  std::erase_if(files_, [](const auto& entry) { return entry.second.expired(); });
  return error == 0 ? file : nullptr;
}

int Holder::open_stream(ProgramStream& stream, const StreamSpec& spec, std::uint64_t offset, const char*& step) {
  static_cast<void>(step);
  stream.captured = (spec.flags & PICKET_OUTPUT_CAPTURE) != 0;
  if ((spec.flags & PICKET_OUTPUT_FILE) != 0) {
    int error = 0;
    stream.file = shared_file(spec, error);
    if (error != 0) return error;
  }
  Backlog::Limits limits;
  if (spec.backlog_memory != 0) limits.memory = spec.backlog_memory;
  if (spec.backlog_disk != 0) limits.disk = spec.backlog_disk == UINT64_MAX ? 0 : spec.backlog_disk;
  stream.backlog.configure(limits, parts_.directory, offset);
  stream.read = offset;
  return 0;
}

void Holder::read_stream(Program& program, std::uint32_t number, std::size_t most) {
  ProgramStream& stream = program.streams[number];
  while (most > 0 && stream.pipe) {
    const ssize_t got = read(stream.pipe.get(), buffer_.data(), std::min(most, buffer_.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;  // nothing there
    if (got == 0) {
      close_watched(stream.pipe);
      if (std::exchange(stream.is_copied, false)) ++pipe_room_;
      stream.ended = true;
      tell_lost(program, number);
      stream.file.reset();
      to_pump_.push_back(program.facts.id);
      return;
    }
    const auto length = static_cast<std::size_t>(got);
    take_in(program, number, std::string_view(buffer_.data(), length));
    most -= std::min(most, length);
    if (length < buffer_.size()) return;  // most likely that was all: epoll tells
  }
}

void Holder::take_in(Program& program, std::uint32_t number, std::string_view data) {
  ProgramStream& stream = program.streams[number];
  stream.read += data.size();
  if (stream.file) write_file(program, number, data);
  if (!stream.captured) return;
  const bool was_waiting = stream.backlog.has_untaken();
  stream.backlog.append(data, wall());
  if (program.attached && !was_waiting) pump(program);
}

// A full disk costs the file what it does not take, and never the program its time.
void Holder::write_file(Program& program, std::uint32_t number, std::string_view data) {
  ProgramStream& stream = program.streams[number];
  std::uint64_t lost = 0;
  const int error = stream.file->write(data, now(), lost);
  if (error != 0) {
    if (!stream.write_failed) {
      fail(program, step_of(number), error,
           stream.file->path() + " does not take it; what it loses is lost there until it does");
    }
    stream.lost += lost;
    stream.lost_error = error;
    stream.lost_from = stream.file->path();
  }
  stream.write_failed = error != 0;
  tell_lost(program, number);
}

// Once it is over, and there is somebody to tell.
void Holder::tell_lost(Program& program, std::uint32_t number) {
  ProgramStream& stream = program.streams[number];
  const bool goes_on = stream.write_failed && !stream.ended;
  if (stream.lost == 0 || goes_on || client_ == nullptr || !program.attached) return;
  fail(program, step_of(number), stream.lost_error,
       stream.lost_from + (stream.write_failed ? " took no more" : " takes it again") + "; " +
           std::to_string(stream.lost) + " bytes were lost there");
  stream.lost = 0;
}

// What is in the pipes at this moment; not what others of the tree go on writing.
void Holder::drain_streams(Program& program) {
  for (std::uint32_t i = 0; i < 2; ++i) {
    int waiting = 0;
    if (!program.streams[i].pipe || ioctl(program.streams[i].pipe.get(), FIONREAD, &waiting) != 0) continue;
    auto left = static_cast<std::size_t>(std::max(waiting, 0));
    while (left > 0 && program.streams[i].pipe) {
      const std::uint64_t before = program.streams[i].read;
      read_stream(program, i, left);
      const std::uint64_t got = program.streams[i].read - before;
      if (got == 0) break;
      left -= static_cast<std::size_t>(std::min<std::uint64_t>(got, left));
    }
    if (left == 0) read_stream(program, i, 1);  // the end of the stream, if that is what follows
  }
}

void Holder::pump(Program& program) {
  if (client_ == nullptr || !program.attached) return;
  for (std::uint32_t i = 0; i < 2; ++i) {
    ProgramStream& stream = program.streams[i];
    while (stream.backlog.has_untaken()) {
      if (stream.backlog.taken() - stream.backlog.acknowledged() >= kOutputWindow) break;
      if (client_->unsent() >= kClientFull) {
        to_pump_.push_back(program.facts.id);
        return;
      }
      const auto piece = stream.backlog.take(kOutputPiece);
      if (!piece) break;
      Output output;
      output.id = program.facts.id;
      output.stream = i;
      output.offset = piece->offset;
      output.dropped = piece->dropped;
      output.flags = piece->dropped != 0 ? PICKET_OUTPUT_GAP : 0U;
      output.time_ns = piece->time_ns;
      client_->send_output(output, piece->data);
    }
    if (stream.captured && stream.ended && !stream.end_reported && !stream.backlog.has_untaken()) {
      stream.end_reported = true;
      Output output;
      output.id = program.facts.id;
      output.stream = i;
      output.offset = stream.backlog.end();
      output.flags = PICKET_OUTPUT_END;
      client_->send_output(output, {});
    }
  }
}

void Holder::pump_all() {
  for (std::size_t turns = to_pump_.size(); turns > 0 && !to_pump_.empty(); --turns) {
    const ProgramId id = to_pump_.front();
    to_pump_.pop_front();
    if (Program* const program = find(id)) pump(*program);
    if (client_ != nullptr && client_->unsent() >= kClientFull) {
      flush_client();
      if (client_ == nullptr || client_->unsent() >= kClientFull) return;
    }
  }
}

void Holder::read_notify(Program& program) {
  char text[kNotifyMessage];
  union {
    cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(int) * 16)];
  } control{};
  for (int turns = 0; turns < 64; ++turns) {
    iovec part{text, sizeof text};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    const ssize_t got = recvmsg(program.notify.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;
    ucred sender{};
    bool is_known = false;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_SOCKET) continue;
      if (header->cmsg_type == SCM_CREDENTIALS) {
        std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
        is_known = true;
      } else if (header->cmsg_type == SCM_RIGHTS) {
        // sd_notify_barrier(3) waits until its pipe is closed; others we have no use for.
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
          int number = -1;
          std::memcpy(&number, CMSG_DATA(header) + i * sizeof(int), sizeof number);
          Descriptor(number).reset();
        }
      }
    }
    // The socket is the program's own, so its user is enough; the process may have gone already.
    const bool may = is_known && (sender.uid == 0 || static_cast<std::int64_t>(sender.uid) == program.user);
    if (!may || got == 0) continue;
    Notified notified;
    notified.id = program.facts.id;
    notified.sender = sender.pid;
    notified.message.assign(text, static_cast<std::size_t>(got));
    report(program, notified);
  }
}

}  // namespace picket::process
