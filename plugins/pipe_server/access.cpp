// SPDX-License-Identifier: Apache-2.0
#include "access.hpp"

#include <algorithm>

namespace picket::pipe_server {
namespace {

bool is_right_word(std::string_view item) {
  return item == "read" || item == "publish" || item == "control";
}

bool item_fits(const std::string& item, Right right, std::string_view command) {
  if (item == "*") return true;
  if (is_right_word(item)) return item == to_string(right);
  return !command.empty() && glob_fits(item, command);
}

bool any_fits(const std::vector<std::string>& items, Right right, std::string_view command) {
  return std::any_of(items.begin(), items.end(),
                     [&](const std::string& item) { return item_fits(item, right, command); });
}

bool rule_is_for(const AccessTable::Entry& entry, const Peer& peer, const std::vector<std::int64_t>& groups) {
  if (entry.rule.user.empty() && entry.rule.group.empty()) return true;
  if (!peer.known()) return false;
  if (entry.user == peer.uid) return true;
  if (entry.group == Peer::kUnknown) return false;
  return entry.group == peer.gid || std::find(groups.begin(), groups.end(), entry.group) != groups.end();
}

}  // namespace

const char* to_string(Right right) {
  switch (right) {
    case Right::read:
      return "read";
    case Right::publish:
      return "publish";
    case Right::control:
      return "control";
  }
  return "";
}

bool glob_fits(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t from = 0;
  while (t < text.size()) {
    if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t]) && glob[g] != '*') {
      ++g;
      ++t;
    } else if (g < glob.size() && glob[g] == '*') {
      star = g++;
      from = t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

bool Access::allows(Right right, std::string_view instance, std::string_view command) const {
  if (trusted_) return true;
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (!rule->instance.empty() && (instance.empty() || !glob_fits(rule->instance, instance))) continue;
    if (any_fits(rule->deny, right, command)) return false;
    if (any_fits(rule->allow, right, command)) return true;
  }
  return right != Right::control;
}

std::vector<std::string> Access::rights() const {
  std::vector<std::string> rights;
  for (const Right right : {Right::read, Right::publish, Right::control}) {
    bool has = allows(right);
    for (const AccessRule& rule : rules_) {
      has = has || any_fits(rule.allow, right, {}) ||
            (right == Right::control && std::any_of(rule.allow.begin(), rule.allow.end(),
                                                    [](const std::string& item) { return !is_right_word(item); }));
    }
    if (has) rights.emplace_back(to_string(right));
  }
  return rights;
}

AccessTable::AccessTable(const Settings& settings) {
  for (const AccessRule& rule : settings.access) {
    entries_.push_back({rule, rule.user.empty() ? Peer::kUnknown : user_number(rule.user),
                        rule.group.empty() ? Peer::kUnknown : group_number(rule.group)});
  }
}

bool AccessTable::wants_groups() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.group != Peer::kUnknown; });
}

Access AccessTable::of(const Peer& peer, const std::vector<std::int64_t>& groups) const {
  Access access;
  access.trusted_ = is_trusted_peer(peer);
  if (access.trusted_) return access;
  for (const Entry& entry : entries_) {
    if (rule_is_for(entry, peer, groups)) access.rules_.push_back(entry.rule);
  }
  return access;
}

}  // namespace picket::pipe_server
