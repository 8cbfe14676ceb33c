#include "daemon/config/config_file.hpp"

#include "daemon/config/small_file.hpp"

#include <unistd.h>

#include <cstddef>
#include <utility>

namespace purser {
namespace {

constexpr std::size_t k_max_size = std::size_t{1} << 20;

Result<std::string> below(std::string_view variable, std::string_view folder, std::string_view rest)
{
  if (!folder.starts_with('/'))
    return Error(Errc::misconfigured, std::string(variable) + " is not an absolute path");
  return std::string(folder) + std::string(rest);
}

} // namespace

Result<std::string> find_config_path(const ConfigSearch& search)
{
  if (!search.purser_config.empty()) return below("PURSER_CONFIG", search.purser_config, "");
  if (!search.xdg_config_home.empty())
    return below("XDG_CONFIG_HOME", search.xdg_config_home, "/purser/config.json");
  if (!search.home.empty()) return below("HOME", search.home, "/.config/purser/config.json");
  return Error(Errc::misconfigured, "HOME is not set, nor XDG_CONFIG_HOME nor PURSER_CONFIG");
}

ConfigFile::ConfigFile(std::string path, std::string last_good_path)
  : path_(std::move(path)), last_good_path_(std::move(last_good_path))
{
}

LoadedConfig ConfigFile::load() const
{
  LoadedConfig loaded;
  const auto text = read_own_file(path_, k_max_size);
  if (!text) return fall_back(text.error());
  if (!*text) {
    ::unlink(last_good_path_.c_str());
    loaded.origin = LoadedConfig::Origin::absent;
    return loaded;
  }
  auto config = parse_config(**text);
  if (!config) return fall_back(Error(config.error().code, path_ + ": " + config.error().what));
  loaded.config = std::move(*config);
  loaded.origin = LoadedConfig::Origin::file;
  if (const auto kept = keep(**text); !kept) loaded.warning = kept.error().what;
  return loaded;
}

LoadedConfig ConfigFile::fall_back(const Error& why) const
{
  LoadedConfig loaded;
  loaded.error = why.what;
  const auto text = read_own_file(last_good_path_, k_max_size);
  if (!text || !*text) return loaded;
  // A copy that an older version accepted and this one does not is as good as none.
  auto config = parse_config(**text);
  if (!config) return loaded;
  loaded.config = std::move(*config);
  loaded.origin = LoadedConfig::Origin::last_good;
  return loaded;
}

Result<> ConfigFile::keep(std::string_view text) const
{
  const auto kept = read_own_file(last_good_path_, k_max_size);
  if (kept && *kept && **kept == text) return {};
  return replace_file(last_good_path_, text);
}

} // namespace purser
