// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/catalog.hpp"

#include <set>

#include "platform/private_file.hpp"
#include "platform/shared_library.hpp"
#include "plugin_host/text.hpp"

namespace picket::plugin_host {
namespace {

std::string version_text(unsigned major, unsigned minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

// The id that a file name says, or nothing if no plugin is called so.
std::optional<std::string> id_of_file(const std::filesystem::path& path) {
  const std::string probe = platform::library_file_name("*");
  const std::size_t star = probe.find('*');
  const std::string name = path.filename().string();
  const std::string prefix = probe.substr(0, star);
  const std::string suffix = probe.substr(star + 1);
  if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) return {};
  return name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
}

}  // namespace

Result<PluginType> shake_hands(const picket_plugin_type* theirs, const std::string& expected_id) {
  if (theirs == nullptr) return Error{std::string(PICKET_PLUGIN_SYMBOL) + " returned null", PICKET_INVALID};
  const picket_plugin_type table = copy_table(theirs);
  const std::string ours = version_text(PICKET_ABI_MAJOR, PICKET_ABI_MINOR);
  const std::string built = version_text(table.abi_major, table.abi_minor);
  if (table.abi_major != PICKET_ABI_MAJOR) {
    return Error{"it was built for plugin ABI " + built + "; this daemon has " + ours + ": update the " +
                     (table.abi_major > PICKET_ABI_MAJOR ? "daemon" : "plugin"),
                 PICKET_UNSUPPORTED};
  }
  if (table.min_host_minor > PICKET_ABI_MINOR) {
    return Error{"it needs plugin ABI " + version_text(table.abi_major, table.min_host_minor) +
                     " or later; this daemon has " + ours + ": update the daemon",
                 PICKET_UNSUPPORTED};
  }
  std::string missing;
  if (table.id == nullptr || *table.id == '\0') missing += " id";
  if (table.config_schema == nullptr) missing += " config_schema";
  if (table.create == nullptr) missing += " create";
  if (!missing.empty()) return Error{"its picket_plugin_type lacks:" + missing, PICKET_INVALID};
  if (!expected_id.empty() && expected_id != table.id) {
    return Error{std::string("it says that it is '") + table.id + "', but its file is called '" + expected_id +
                     "': rename the file",
                 PICKET_INVALID};
  }
  PluginType type;
  type.id = table.id;
  type.version = table.version == nullptr ? "" : table.version;
  type.summary = table.summary == nullptr ? "" : table.summary;
  type.config_schema = table.config_schema;
  type.flags = table.flags;
  type.abi_major = table.abi_major;
  type.abi_minor = table.abi_minor;
  type.min_host_minor = table.min_host_minor;
  type.create = table.create;
  return type;
}

PluginCatalog::PluginCatalog(std::vector<std::filesystem::path> directories, bool demand_private)
    : directories_(std::move(directories)), demand_private_(demand_private) {}

Result<const PluginType*> PluginCatalog::add(const picket_plugin_type* type) {
  auto checked = shake_hands(type, {});
  if (!checked.ok()) return checked.error();
  const std::scoped_lock lock(mutex_);
  const std::string id = checked->id;
  return &types_.insert_or_assign(id, std::move(checked).value()).first->second;
}

Result<const PluginType*> PluginCatalog::load(const std::string& id, const std::filesystem::path& path) {
  const auto fail = [&](const std::string& reason, picket_status status) {
    return Error{"plugin " + path.string() + " cannot be used: " + reason, status};
  };
  if (demand_private_) {
    if (const auto reason = platform::writable_by_others(path)) return fail(*reason, PICKET_DENIED);
  }
  const auto library = platform::SharedLibrary::load(path);
  if (!library.ok()) return fail(library.error().message, PICKET_FAILED);
  void* const symbol = (*library)->symbol(PICKET_PLUGIN_SYMBOL);
  if (symbol == nullptr) {
    return fail(std::string("it does not export ") + PICKET_PLUGIN_SYMBOL + ": it is no Picket plugin of ABI " +
                    std::to_string(PICKET_ABI_MAJOR),
                PICKET_INVALID);
  }
  const auto entry = reinterpret_cast<picket_plugin_v1_fn>(symbol);
  auto type = shake_hands(entry(), id);
  if (!type.ok()) return fail(type.error().message, type.error().status);
  type->path = path;
  return &types_.insert_or_assign(id, std::move(type).value()).first->second;
}

Result<const PluginType*> PluginCatalog::find(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  if (const auto known = types_.find(id); known != types_.end()) return &known->second;
  std::string searched;
  for (const auto& directory : directories_) {
    const std::filesystem::path path = directory / platform::library_file_name(id);
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) return load(id, path);
    searched += (searched.empty() ? "" : ", ") + path.string();
  }
  return Error{"no plugin is called '" + id + "'; looked for " + (searched.empty() ? "nothing" : searched),
               PICKET_NOT_FOUND};
}

std::vector<std::string> PluginCatalog::ids() const {
  std::set<std::string> result;
  for (const auto& directory : directories_) {
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(directory, error)) {
      if (const auto id = id_of_file(file.path())) result.insert(*id);
    }
  }
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, type] : types_) result.insert(id);
  return {result.begin(), result.end()};
}

std::vector<CatalogEntry> PluginCatalog::list() {
  std::vector<CatalogEntry> result;
  for (const std::string& id : ids()) {
    CatalogEntry entry;
    entry.id = id;
    if (const auto type = find(id); type.ok()) {
      entry.type = *type;
      entry.path = (*type)->path;
    } else {
      entry.problem = type.error().message;
    }
    result.push_back(std::move(entry));
  }
  return result;
}

}  // namespace picket::plugin_host
