// SPDX-License-Identifier: Apache-2.0
//
// The steps of load() after parsing, one function for each section of the file. Internal to this folder; single thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader.hpp"
#include "config/tree.hpp"

namespace picket::config {

// The files to read, in order: each given one (or picket.yaml of a given directory), then conf.d/*.yaml beside it in
// byte order of their names. A file that would be read twice is an error.
std::vector<std::filesystem::path> find_files(const std::vector<std::filesystem::path>& given,
                                              Diagnostics& diagnostics);

// One mapping of `daemon`, `instances` and `routes` (each absent when no file has it). What two files say is an error
// that names both places.
Node merge_documents(std::vector<Node> documents, Diagnostics& diagnostics);

// `section` may be null: then everything is a default.
// `sound` says whether the section has no mistakes; if it has, the result is what holds without it.
DaemonSettings check_daemon(const Entry* section, const LoadInput& input, Diagnostics& diagnostics, bool& sound);

// The instances that could be understood; `instances` may be null.
void check_instances(const Node* instances, const LoadInput& input, Model& model, Diagnostics& diagnostics);

// The routes between the instances that the files name; either section may be null.
void check_routes(const Node* routes, const Node* instances, const LoadInput& input, Model& model,
                  Diagnostics& diagnostics);

// Names of instances and routes: [A-Za-z][A-Za-z0-9_-]{0,63}. Reports when `entry`'s is none, or is reserved.
bool check_name(const Entry& entry, const char* what, Diagnostics& diagnostics);

// The daemon's own name among instances: a source of its events, never an instance.
inline constexpr std::string_view kDaemonInstance = "picket";

}  // namespace picket::config
