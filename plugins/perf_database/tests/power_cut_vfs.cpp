// SPDX-License-Identifier: Apache-2.0
//
// The interface is documented at sqlite.org/c3ref/vfs.html and sqlite.org/c3ref/io_methods.html. That a log or journal
// has its directory synced with its own first sync is what SQLite does on Unix; it happens inside the real xSync, so it
// is written down here.
#include "power_cut_vfs.hpp"

#include <new>
#include <utility>

namespace picket::perf_database {
namespace {

using Kind = DiskOperation::Kind;
namespace fs = std::filesystem;

constexpr const char* kName = "picket-test";
constexpr int kHasDirectorySync = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;

std::string name_of(const fs::path& path) {
  const std::u8string name = path.filename().u8string();
  return {name.begin(), name.end()};
}

std::string name_of(const char* path) {
  const std::string_view text(path);
  return name_of(fs::path(std::u8string(text.begin(), text.end())));
}

}  // namespace

// What SQLite holds as an open file; the real one lies behind it in the same memory.
struct TestVfs::File {
  sqlite3_file base;
  TestVfs* vfs;
  std::string* name;
  FileNumber number;
  bool sync_directory;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
};

struct TestVfs::Methods {
  static TestVfs& of(sqlite3_vfs* vfs) { return *static_cast<TestVfs*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
    TestVfs& self = of(vfs);
    auto* const file = new (out) File{};
    const bool named = path != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) == 0;
    const std::string name = named ? name_of(path) : "";
    if (!self.may(FileAction::open, name)) return SQLITE_CANTOPEN;
    const int code = self.real_->xOpen(self.real_, path, file->real(), flags, out_flags);
    if (code != SQLITE_OK) {
      if (file->real()->pMethods != nullptr) file->real()->pMethods->xClose(file->real());
      return code;
    }
    file->vfs = &self;
    file->name = new std::string(name);
    file->number = named ? self.number_of(name, (flags & SQLITE_OPEN_CREATE) != 0) : 0;
    file->sync_directory = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & kHasDirectorySync) != 0;
    file->base.pMethods = &kMethods;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int sync) {
    TestVfs& self = of(vfs);
    const std::string name = name_of(path);
    if (!self.may(FileAction::remove, name)) return SQLITE_IOERR_DELETE;
    const int code = self.real_->xDelete(self.real_, path, 0);
    if (code != SQLITE_OK) return code;
    if (const auto at = self.numbers_.find(name); at != self.numbers_.end()) {
      self.note({Kind::remove, at->second, name, {}, 0, {}});
      self.numbers_.erase(at);
    }
    if (sync != 0) self.note({Kind::sync_directory, 0, {}, {}, 0, {}});
    return SQLITE_OK;
  }

  static int close(sqlite3_file* out) {
    File& file = File::of(out);
    const int code = file.real()->pMethods->xClose(file.real());
    delete file.name;
    file.~File();
    return code;
  }
  static int read(sqlite3_file* out, void* data, int size, sqlite3_int64 offset) {
    File& file = File::of(out);
    if (!file.vfs->may(FileAction::read, *file.name)) return SQLITE_IOERR_READ;
    return file.real()->pMethods->xRead(file.real(), data, size, offset);
  }
  static int write(sqlite3_file* out, const void* data, int size, sqlite3_int64 offset) {
    File& file = File::of(out);
    if (!file.vfs->may(FileAction::write, *file.name)) return SQLITE_FULL;
    const int code = file.real()->pMethods->xWrite(file.real(), data, size, offset);
    if (code == SQLITE_OK && file.number != 0) {
      const auto* const bytes = static_cast<const std::uint8_t*>(data);
      file.vfs->note(
          {Kind::write, file.number, {}, {}, static_cast<std::uint64_t>(offset), Bytes(bytes, bytes + size)});
    }
    return code;
  }
  static int truncate(sqlite3_file* out, sqlite3_int64 size) {
    File& file = File::of(out);
    if (!file.vfs->may(FileAction::truncate, *file.name)) return SQLITE_IOERR_TRUNCATE;
    const int code = file.real()->pMethods->xTruncate(file.real(), size);
    if (code == SQLITE_OK && file.number != 0) {
      file.vfs->note({Kind::truncate, file.number, {}, {}, static_cast<std::uint64_t>(size), {}});
    }
    return code;
  }
  static int sync(sqlite3_file* out, int /*flags*/) {
    File& file = File::of(out);
    if (!file.vfs->may(FileAction::sync, *file.name)) return SQLITE_IOERR_FSYNC;
    if (file.number == 0) return SQLITE_OK;
    file.vfs->note({Kind::sync, file.number, {}, {}, 0, {}});
    if (std::exchange(file.sync_directory, false)) file.vfs->note({Kind::sync_directory, 0, {}, {}, 0, {}});
    return SQLITE_OK;
  }
  static int size(sqlite3_file* out, sqlite3_int64* size) {
    File& file = File::of(out);
    if (!file.vfs->may(FileAction::size, *file.name)) return SQLITE_IOERR_FSTAT;
    return file.real()->pMethods->xFileSize(file.real(), size);
  }

  // The rest only passes by.
  static int access(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    return of(vfs).real_->xAccess(of(vfs).real_, path, flags, out);
  }
  static int full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
    return of(vfs).real_->xFullPathname(of(vfs).real_, path, size, out);
  }
  static int randomness(sqlite3_vfs* vfs, int size, char* out) {
    return of(vfs).real_->xRandomness(of(vfs).real_, size, out);
  }
  static int wait(sqlite3_vfs* vfs, int microseconds) { return of(vfs).real_->xSleep(of(vfs).real_, microseconds); }
  static int current_time(sqlite3_vfs* vfs, double* out) { return of(vfs).real_->xCurrentTime(of(vfs).real_, out); }
  static int last_error(sqlite3_vfs* vfs, int size, char* out) {
    return of(vfs).real_->xGetLastError(of(vfs).real_, size, out);
  }
  static int current_time_64(sqlite3_vfs* vfs, sqlite3_int64* out) {
    return of(vfs).real_->xCurrentTimeInt64(of(vfs).real_, out);
  }
  static int lock(sqlite3_file* f, int level) { return File::of(f).real()->pMethods->xLock(File::of(f).real(), level); }
  static int unlock(sqlite3_file* f, int level) {
    return File::of(f).real()->pMethods->xUnlock(File::of(f).real(), level);
  }
  static int check_reserved(sqlite3_file* f, int* out) {
    return File::of(f).real()->pMethods->xCheckReservedLock(File::of(f).real(), out);
  }
  static int control(sqlite3_file* f, int op, void* argument) {
    return File::of(f).real()->pMethods->xFileControl(File::of(f).real(), op, argument);
  }
  static int sector_size(sqlite3_file* f) { return File::of(f).real()->pMethods->xSectorSize(File::of(f).real()); }
  static int characteristics(sqlite3_file* f) {
    return File::of(f).real()->pMethods->xDeviceCharacteristics(File::of(f).real());
  }
  static int shm_map(sqlite3_file* f, int region, int size, int extend, void volatile** out) {
    return File::of(f).real()->pMethods->xShmMap(File::of(f).real(), region, size, extend, out);
  }
  static int shm_lock(sqlite3_file* f, int offset, int count, int flags) {
    return File::of(f).real()->pMethods->xShmLock(File::of(f).real(), offset, count, flags);
  }
  static void shm_barrier(sqlite3_file* f) { File::of(f).real()->pMethods->xShmBarrier(File::of(f).real()); }
  static int shm_unmap(sqlite3_file* f, int remove_it) {
    return File::of(f).real()->pMethods->xShmUnmap(File::of(f).real(), remove_it);
  }

  // Version 2: without memory-mapped reads and writes, which would pass by the log.
  static constexpr sqlite3_io_methods kMethods = {
      2,         close,          read,    write,       truncate,        sync,    size,     lock,
      unlock,    check_reserved, control, sector_size, characteristics, shm_map, shm_lock, shm_barrier,
      shm_unmap, nullptr,        nullptr};
};

TestVfs::TestVfs() : real_((sqlite3_initialize(), sqlite3_vfs_find(nullptr))), vfs_(*real_) {
  vfs_.iVersion = 2;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
  vfs_.zName = kName;
  vfs_.pAppData = this;
  vfs_.pNext = nullptr;
  vfs_.xOpen = &Methods::open;
  vfs_.xDelete = &Methods::remove;
  vfs_.xAccess = &Methods::access;
  vfs_.xFullPathname = &Methods::full_path;
  vfs_.xDlOpen = nullptr;
  vfs_.xDlError = nullptr;
  vfs_.xDlSym = nullptr;
  vfs_.xDlClose = nullptr;
  vfs_.xRandomness = &Methods::randomness;
  vfs_.xSleep = &Methods::wait;
  vfs_.xCurrentTime = &Methods::current_time;
  vfs_.xGetLastError = &Methods::last_error;
  vfs_.xCurrentTimeInt64 = &Methods::current_time_64;
  sqlite3_vfs_register(&vfs_, 1);
  observe_directories(this);
}

TestVfs::~TestVfs() {
  observe_directories(nullptr);
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, 1);
}

void TestVfs::record(std::vector<DiskOperation>* log) {
  log_ = log;
  numbers_.clear();
}

void TestVfs::note(DiskOperation operation) {
  if (log_ != nullptr) log_->push_back(std::move(operation));
}

FileNumber TestVfs::number_of(const std::string& name, bool may_make) {
  const auto known = numbers_.find(name);
  if (known != numbers_.end()) return known->second;
  if (!may_make) return 0;
  numbers_[name] = ++last_number_;
  note({Kind::make, last_number_, name, {}, 0, {}});
  return last_number_;
}

void TestVfs::on_rename(const fs::path& from, const fs::path& to) {
  if (!may(FileAction::rename, name_of(from))) {
    throw fs::filesystem_error("cannot rename", from, to, std::make_error_code(std::errc::io_error));
  }
  const auto at = numbers_.find(name_of(from));
  if (at == numbers_.end()) return;
  const FileNumber number = at->second;
  numbers_.erase(at);
  numbers_[name_of(to)] = number;
  note({Kind::rename, number, name_of(from), name_of(to), 0, {}});
}

void TestVfs::on_remove(const fs::path& file) {
  if (!may(FileAction::remove, name_of(file))) {
    throw fs::filesystem_error("cannot remove", file, std::make_error_code(std::errc::io_error));
  }
  const auto at = numbers_.find(name_of(file));
  if (at == numbers_.end()) return;
  note({Kind::remove, at->second, at->first, {}, 0, {}});
  numbers_.erase(at);
}

bool TestVfs::on_sync(const fs::path& directory) {
  if (!may(FileAction::sync_directory, name_of(directory))) {
    throw fs::filesystem_error("cannot sync", directory, std::make_error_code(std::errc::io_error));
  }
  note({Kind::sync_directory, 0, {}, {}, 0, {}});
  return false;
}

}  // namespace picket::perf_database
