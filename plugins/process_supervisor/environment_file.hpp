// SPDX-License-Identifier: Apache-2.0
//
// Files of environment variables: one NAME=VALUE a line; empty lines and lines that begin with # or ; are passed over;
// a value may be in single or double quotes, and in double quotes \n, \\, \" and \$ stand for what they do in a shell.
// Nothing is substituted. [any]
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <picket/result.hpp>

namespace picket::process_supervisor {

using Environment = std::map<std::string, std::string>;

// The content of a file; `name` is for the error: "NAME:LINE: what is wrong".
Result<Environment> parse_environment(std::string_view content, const std::string& name);

// The file itself, at most 1 MiB: "PATH: why it cannot be read", with the system's reason; NOT_FOUND when there is
// none.
Result<Environment> read_environment_file(const std::string& path);

}  // namespace picket::process_supervisor
