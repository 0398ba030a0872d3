// SPDX-License-Identifier: Apache-2.0
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <vector>

#include "peer.hpp"

namespace picket::pipe_server {
namespace {

constexpr std::size_t kNameBuffer = std::size_t{16} * 1024;

std::int64_t plain_number(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::int64_t{number} : -1;
}

}  // namespace

std::string user_name(const Peer& peer) {
  if (!peer.known()) return {};
  std::vector<char> buffer(kNameBuffer);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(static_cast<uid_t>(peer.uid), &entry, buffer.data(), buffer.size(), &found) != 0) return {};
  return found == nullptr ? std::string() : std::string(found->pw_name);
}

std::int64_t group_number(const std::string& name) {
  std::vector<char> buffer(kNameBuffer);
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->gr_gid;
  return plain_number(name);
}

std::int64_t user_number(const std::string& name) {
  std::vector<char> buffer(kNameBuffer);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_uid;
  return plain_number(name);
}

}  // namespace picket::pipe_server
