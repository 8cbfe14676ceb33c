#include "daemon/config/config_file.hpp"

#include "common/ascii.hpp"
#include "daemon/config/small_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <initializer_list>
#include <utility>

namespace purser {
namespace {

constexpr std::size_t k_max_size = std::size_t{1} << 20;
constexpr std::string_view k_of_hosts = "abcdefghijklmnopqrstuvwxyz0123456789.-";

// Whether the text has the host, and not as a part of another one.
bool names(std::string_view text, std::string_view host)
{
  const auto goes_on = [text](std::size_t at) {
    return at < text.size() && k_of_hosts.find(text[at]) != std::string_view::npos;
  };
  for (auto at = text.find(host); at != std::string_view::npos; at = text.find(host, at + 1))
    if (!goes_on(at + host.size()) && (at == 0 || !goes_on(at - 1))) return true;
  return false;
}

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

bool LoadedConfig::may_claim(std::string_view host) const
{
  if (names(refused, host)) return true;
  for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1))
    if (names(refused, "*" + std::string(host.substr(dot)))) return true;
  return false;
}

ConfigFile::ConfigFile(std::string path, std::string last_good_path, bool named)
  : path_(std::move(path)), last_good_path_(std::move(last_good_path)), named_(named)
{
}

LoadedConfig ConfigFile::load() const
{
  LoadedConfig loaded;
  const auto text = read_own_file(path_, k_max_size);
  if (!text) return fall_back(text.error());
  if (!*text) {
    if (const auto missing = may_be_missing(); !missing) return fall_back(missing.error());
    ::unlink(last_good_path_.c_str());
    loaded.origin = LoadedConfig::Origin::absent;
    return loaded;
  }
  auto config = parse_config(**text);
  if (!config)
    return fall_back(Error(config.error().code, path_ + ": " + config.error().what), **text);
  loaded.config = std::move(*config);
  loaded.origin = LoadedConfig::Origin::file;
  if (const auto kept = keep(**text); !kept) loaded.warning = kept.error().what;
  return loaded;
}

// Whether nothing is there, rather than something that leads nowhere.
Result<> ConfigFile::may_be_missing() const
{
  if (named_)
    return Error(Errc::misconfigured, path_ + ", which PURSER_CONFIG names, is not there: make it, "
                                              "or take the variable away");
  const std::string folder = path_.substr(0, path_.rfind('/'));
  for (const std::string& place : {path_, folder}) {
    struct stat status {};
    if (::lstat(place.c_str(), &status) != 0) {
      if (errno == ENOTDIR)
        return Error(Errc::misconfigured,
                     path_ + " cannot be there: a folder on its way is a file; move that away");
    } else if (S_ISLNK(status.st_mode) && ::access(place.c_str(), F_OK) != 0) {
      return Error(Errc::misconfigured,
                   place + " is a link to nothing: make what it names, or remove it");
    }
  }
  return {};
}

LoadedConfig ConfigFile::fall_back(const Error& why, std::string_view refused) const
{
  LoadedConfig loaded;
  loaded.error = why.what;
  loaded.refused.resize(refused.size());
  std::transform(refused.begin(), refused.end(), loaded.refused.begin(), ascii_lower);
  const auto text = read_own_file(last_good_path_, k_max_size);
  if (!text || !*text) return loaded;
  // A copy that an older version accepted and this one does not is as good as none.
  auto config = parse_config(**text);
  if (!config) return loaded;
  loaded.config = std::move(*config);
  loaded.refused.clear();
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
