// SPDX-License-Identifier: Apache-2.0
//
// Facts about this process: its environment, id, memory, rights and command line. Used by main, `status` and the
// daemon's own metrics. Any thread, as long as nobody calls take_environment() any more.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace picket::platform {

// The value of an environment variable, UTF-8; nothing when it is unset. An empty value is a value.
std::optional<std::string> environment(const std::string& name);

// The same, and unsets it: what was meant for this process is not handed on to those that it starts. Before the first
// thread, which might read the environment meanwhile.
std::optional<std::string> take_environment(const std::string& name);

std::uint32_t process_id();

// True if some process has this id now (it may be another one than it once was).
bool process_exists(std::uint32_t id);

// Resident memory of this process in bytes; 0 when the system does not say.
std::uint64_t resident_bytes();

// Called before the first thread: a few allocation arenas instead of eight for each processor, each of which keeps
// memory of its own. The work of the daemon is handed over in batches, so its threads seldom meet in one.
void keep_few_arenas();

// Gives back to the system what is not in use: freed memory, and pages of program files that nobody changed, which come
// back from the file when they are used again. Not cheap (about a millisecond); for after the start and now and then.
void release_free_memory();

// True when this process may do anything: uid 0; on Windows SYSTEM or an elevated administrator.
bool is_privileged();

// The absolute path of the running executable; empty when the system does not say.
std::filesystem::path executable_path();

// The arguments of main() in UTF-8, the program's name first. Windows takes them from the system, in full Unicode.
std::vector<std::string> arguments(int argc, char** argv);

}  // namespace picket::platform
