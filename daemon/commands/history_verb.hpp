// SPDX-License-Identifier: Apache-2.0
//
// What the verbs that read the history share: the options of a question, and the instance that answers it. Included by
// query_verb.cpp and plot_verb.cpp alone.
#pragma once

#include <functional>
#include <string>

#include "commands/answer.hpp"
#include "commands/configuration.hpp"
#include "commands/verbs.hpp"

namespace picket::commands {

struct HistoryVerbOptions {
  ConfigOptions config;
  std::string instance;
};

// Names, labels, times, step, totals, comparison, order, and where the history is. `options` and `question` live as
// long as `verb`.
void add_history_options(CLI::App& verb, HistoryVerbOptions& options, Question& question);

// Opens the history and hands it to `work`, whose exit code it returns; or says on `err` why there is none. `verb`: its
// name, for errors.
int with_history(const char* verb, const HistoryVerbOptions& options, const Surroundings& surroundings,
                 const std::function<int(History&)>& work);

}  // namespace picket::commands
