#include "cli/setup/containers_plan.hpp"

#include "cli/setup/text_plan.hpp"
#include "daemon/config/small_file.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace purser::cli::setup {
namespace {

constexpr std::size_t k_max_size = std::size_t{1} << 20;
constexpr std::string_view k_name = "credential-helpers";
constexpr std::string_view k_blank = " \t\r";

std::string_view trimmed(std::string_view text)
{
  const auto begin = text.find_first_not_of(k_blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(k_blank) - begin + 1);
}

// The strings in `["a", 'b']`, perhaps with a comment behind; nothing for all else.
std::optional<std::vector<std::string>> strings_in(std::string_view array)
{
  std::vector<std::string> strings;
  if (!array.starts_with('[')) return std::nullopt;
  array = trimmed(array.substr(1));
  while (!array.starts_with(']')) {
    const char quote = array.empty() ? '\0' : array.front();
    const auto end = quote == '"' || quote == '\'' ? array.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) return std::nullopt;
    const auto name = array.substr(1, end - 1);
    if (name.empty() || name.find('\\') != std::string_view::npos) return std::nullopt;
    strings.emplace_back(name);
    array = trimmed(array.substr(end + 1));
    if (array.starts_with(','))
      array = trimmed(array.substr(1));
    else if (!array.starts_with(']'))
      return std::nullopt;
  }
  array = trimmed(array.substr(1));
  if (!array.empty() && !array.starts_with('#')) return std::nullopt;
  return strings;
}

Result<ContainersConf> read_conf(const std::string& path)
{
  const auto text = read_own_file(path, k_max_size);
  if (!text) return text.error();
  return *text ? read_containers_conf(**text) : ContainersConf();
}

// The `.conf` files of a folder, in the order in which they are read.
std::vector<std::string> drop_ins_in(const std::string& folder)
{
  std::vector<std::string> names;
  std::error_code failure;
  for (std::filesystem::directory_iterator each(folder, failure), end; !failure && each != end;
       each.increment(failure))
    if (each->path().extension() == ".conf") names.push_back(each->path());
  std::sort(names.begin(), names.end());
  return names;
}

Error by_hand(const std::string& path, const std::string& why)
{
  return Error(Errc::interaction_required,
               path + " " + why + "; add \"purser\" to credential-helpers there by hand");
}

// The file and its drop-ins, in the order in which they are read: the last that names helpers
// counts.
std::vector<std::string> conf_paths(const ClientFiles& files)
{
  std::vector<std::string> paths{files.containers_conf};
  for (const auto& folder : files.conf_folders)
    for (auto& path : drop_ins_in(folder))
      paths.push_back(std::move(path));
  return paths;
}

// What is asked without our drop-in.
Result<std::vector<std::string>> helpers_so_far(const ClientFiles& files)
{
  std::vector<std::string> helpers{"containers-auth.json"};
  for (const auto& path : conf_paths(files)) {
    if (path == files.containers_drop_in) continue;
    const auto conf = read_conf(path);
    if (!conf) return conf.error();
    if (conf->old_format)
      return Error(Errc::interaction_required,
                   path + " has the old format, which knows no credential helpers; see "
                          "containers-registries.conf(5)");
    if (!conf->understood) return by_hand(path, "names helpers in a way that purser does not read");
    if (!conf->helpers) continue;
    const bool later =
        path.starts_with(files.conf_folders.back()) && path > files.containers_drop_in;
    const bool ours =
        std::find(conf->helpers->begin(), conf->helpers->end(), "purser") != conf->helpers->end();
    if (later && !ours) return by_hand(path, "is read last and names other helpers");
    helpers = *conf->helpers;
  }
  return helpers;
}

} // namespace

ContainersConf read_containers_conf(std::string_view text)
{
  ContainersConf conf;
  bool table = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    table = table || line.starts_with('[');
    conf.old_format = conf.old_format || line.starts_with("[registries.");
    // Quoted, or in a string of several lines: seen, and not understood.
    if (table || line.starts_with('#') || line.find(k_name) == std::string_view::npos) continue;
    const auto equals = line.find('=');
    if (equals != std::string_view::npos && trimmed(line.substr(0, equals)) == k_name)
      conf.helpers = strings_in(trimmed(line.substr(equals + 1)));
    conf.understood = conf.helpers.has_value();
  }
  return conf;
}

std::optional<std::vector<std::string>> helpers_asked(const ClientFiles& files)
{
  std::vector<std::string> helpers{"containers-auth.json"};
  for (const auto& path : conf_paths(files)) {
    auto conf = read_conf(path);
    if (!conf || conf->old_format || !conf->understood) return std::nullopt;
    if (conf->helpers) helpers = std::move(*conf->helpers);
  }
  return helpers;
}

Planned plan_containers_drop_in(const ClientFiles& files)
{
  const auto& path = files.containers_drop_in;
  auto file = EditedFile::read(path);
  if (!file) return file.error();
  auto record = new_record("podman", path, *file);
  const auto helpers = helpers_so_far(files);
  if (!helpers) return helpers.error();
  const auto ours = read_containers_conf(file->text());
  const auto names_us = [](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), "purser") != names.end();
  };
  if (names_us(*helpers) || (ours.helpers && names_us(*ours.helpers)))
    return plan_appended(std::move(*file), std::move(record), "");
  if (file->exists() && !file->text().empty()) return by_hand(path, "is there already");
  std::string names;
  for (const auto& name : *helpers)
    names += "\"" + name + "\", ";
  return plan_appended(std::move(*file), std::move(record),
                       "# Written by `purser setup`; `purser setup --undo` takes it away.\n"
                       "credential-helpers = [" +
                           names + "\"purser\"]\n");
}

} // namespace purser::cli::setup
