// SPDX-License-Identifier: Apache-2.0
#include "process/record_linux.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <variant>

#include "process/kernel_linux.hpp"
#include "process/wire.hpp"

namespace picket::process {
namespace {

constexpr std::string_view kRecordMagic = "PKPROC1\n";
constexpr std::string_view kRecordSuffix = ".program";
constexpr std::size_t kRecordHead = 24;

std::string fixed_u64(std::uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i, value >>= 8U) bytes.push_back(static_cast<char>(value & 0xFFU));
  return bytes;
}

std::uint64_t read_u64(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

int write_record(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : EIO;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

std::string record_path(const std::string& directory, ProgramId id) {
  return directory + "/" + std::to_string(id) + std::string(kRecordSuffix);
}

std::string encode_record(const Found& program) {
  std::string bytes(kRecordMagic);
  bytes += fixed_u64(static_cast<std::uint64_t>(program.leader.pid));
  bytes += fixed_u64(program.leader.start_time);
  encode(Report(program), 0, bytes);
  return bytes;
}

std::optional<Record> decode_record(std::string_view bytes) {
  if (bytes.size() < kRecordHead || !bytes.starts_with(kRecordMagic)) return std::nullopt;
  Record record;
  const std::uint64_t pid = read_u64(bytes.substr(8)), start_time = read_u64(bytes.substr(16));
  bytes.remove_prefix(kRecordHead);
  bool found = false;
  while (bytes.size() >= kFrameHeader) {
    const auto header = decode_header(bytes);
    if (!header || bytes.size() - kFrameHeader < header->length) break;  // cut off by a crash: what is whole counts
    const auto report = decode_report(header->kind, bytes.substr(kFrameHeader, header->length));
    bytes.remove_prefix(kFrameHeader + header->length);
    if (!report) return std::nullopt;
    if (const auto* program = std::get_if<Found>(&*report)) {
      record.program = *program;
      found = true;
    } else if (const auto* exit = std::get_if<Exited>(&*report)) {
      record.exit = *exit;
    } else if (const auto* end = std::get_if<Emptied>(&*report)) {
      record.end = *end;
    }
  }
  if (!found || pid > INT32_MAX) return std::nullopt;
  record.program.leader.pid = static_cast<std::int64_t>(pid);
  record.program.leader.start_time = start_time;
  return record;
}

int create_record(const std::string& directory, const Found& program) {
  const int file = open(record_path(directory, program.id).c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return -1;
  const int error = write_record(file, encode_record(program));
  if (error == 0) return file;
  close(file);
  remove_record(directory, program.id);
  errno = error;
  return -1;
}

int append_record(const std::string& directory, ProgramId id, const Report& report) {
  const int file = open(record_path(directory, id).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return errno;
  std::string bytes;
  encode(report, 0, bytes);
  const int error = write_record(file, bytes);
  close(file);
  return error;
}

int rewrite_record(const std::string& directory, const Record& record) {
  std::string bytes = encode_record(record.program);
  if (record.exit) encode(Report(*record.exit), 0, bytes);
  if (record.end) encode(Report(*record.end), 0, bytes);
  const std::string path = record_path(directory, record.program.id), aside = path + ".new";
  const int file = open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  const int error = write_record(file, bytes);
  close(file);
  if (error != 0) return error;
  return std::rename(aside.c_str(), path.c_str()) == 0 ? 0 : errno;
}

void remove_record(const std::string& directory, ProgramId id) {
  unlink(record_path(directory, id).c_str());
}

std::vector<Record> read_records(const std::string& directory, std::vector<std::string>& damaged) {
  std::vector<Record> records;
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return records;
  while (const dirent* entry = readdir(entries)) {
    const std::string name = entry->d_name;
    if (name.find(kRecordSuffix) == std::string::npos) continue;
    const std::string path = directory + "/" + name;
    const auto bytes = name.ends_with(kRecordSuffix) ? read_small_file(path) : std::nullopt;
    auto record = bytes ? decode_record(*bytes) : std::nullopt;
    if (record && path == record_path(directory, record->program.id)) {
      records.push_back(std::move(*record));
    } else {
      unlink(path.c_str());
      damaged.push_back(name);
    }
  }
  closedir(entries);
  return records;
}

}  // namespace picket::process
