// SPDX-License-Identifier: Apache-2.0
//
// `picket db`: the files behind a history: how large they are, whether they are whole, and what can be saved of those
// that are not. The work is the plugin's, whose commands `info`, `verify` and `repair` answer with JSON
// (plugins/perf_database/README.md); here are the words for people.
#pragma once

#include <ostream>
#include <string>

#include "platform/terminal.hpp"

namespace picket::commands {

// Each prints one answer and returns the verb's exit code. Throw nlohmann::json::exception when the answer is not what
// the plugin promises.
int print_db_info(const std::string& answer, const platform::Terminal& terminal, std::ostream& out);
// kExitNotWell when something is damaged.
int print_db_verify(const std::string& answer, const platform::Terminal& terminal, std::ostream& out);
// kExitNotWell when something could not be brought back.
int print_db_repair(const std::string& answer, std::ostream& out);

// The same exit codes, with the answer as it came, in lines.
int print_db_json(const std::string& answer, std::ostream& out);

}  // namespace picket::commands
