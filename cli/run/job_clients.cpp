#include "cli/run/job_clients.hpp"

#include "cli/edit/edited_file.hpp"
#include "cli/helper_program.hpp"
#include "cli/setup/containers_plan.hpp"
#include "common/ascii.hpp"
#include "common/ecr_host.hpp"
#include "common/registry_key.hpp"
#include "daemon/config/config.hpp"
#include "daemon/config/small_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

namespace purser::cli::jobs {
namespace {

using nlohmann::json;

constexpr const char* k_purser = "purser";

Error cannot(const std::string& path, const std::error_code& failure)
{
  return {Errc::misconfigured, path + ": " + failure.message()};
}

bool is_of_ecr(const std::string& registry)
{
  const auto key = RegistryKey::parse(registry);
  return key && parse_ecr_host(key->host()).has_value();
}

// The text of docker's file, or helm's, for the job.
Result<std::string> docker_text(const std::string& path)
{
  json config = json::object();
  if (!path.empty()) {
    const auto file = EditedFile::read(path);
    if (!file) return file.error();
    if (!file->text().empty()) config = json::parse(file->text(), nullptr, false);
    if (!config.is_object())
      return Error(Errc::misconfigured,
                   path + " is no JSON object; correct it, or give --no-client-files");
  }
  json kept = {{"credsStore", k_purser}};
  for (auto& [name, value] : config.items()) {
    // Go's clients read these names in any case.
    if (equal_ignoring_case(name, "auths") || equal_ignoring_case(name, "credsStore")) continue;
    if (equal_ignoring_case(name, "credHelpers") && value.is_object()) {
      json others = json::object();
      for (auto& [registry, helper] : value.items())
        if (!is_of_ecr(registry)) others[registry] = helper;
      value = std::move(others);
    }
    kept[name] = std::move(value);
  }
  return kept.dump(2) + "\n";
}

// Contexts, plug-ins and builders, which are no matter of purser's, stay where they are.
Result<> link_rest(const std::string& from, const std::string& to)
{
  std::error_code failure;
  for (std::filesystem::directory_iterator each(from, failure), end; !failure && each != end;
       each.increment(failure)) {
    const auto name = each->path().filename();
    if (name == "config.json") continue;
    std::error_code linking;
    std::filesystem::create_symlink(each->path(), std::filesystem::path(to) / name, linking);
    if (linking) return cannot(to, linking);
  }
  return {};
}

std::string first_of(const Variables& environment,
                     std::initializer_list<std::pair<const char*, const char*>> places)
{
  for (const auto& [variable, rest] : places)
    if (const auto value = environment(variable); value.starts_with('/')) return value + rest;
  return {};
}

Result<> write_docker(const std::string& to, const Variables& environment)
{
  const auto from = first_of(environment, {{"DOCKER_CONFIG", ""}, {"HOME", "/.docker"}});
  const auto text = docker_text(from.empty() ? "" : from + "/config.json");
  if (!text) return text.error();
  if (const auto written = replace_file(to + "/config.json", *text); !written)
    return written.error();
  return from.empty() ? Result<>() : link_rest(from, to);
}

Result<> write_helm(const std::string& to, const Variables& environment)
{
  const auto text =
      docker_text(first_of(environment, {{"HELM_REGISTRY_CONFIG", ""},
                                         {"HELM_CONFIG_HOME", "/registry/config.json"},
                                         {"XDG_CONFIG_HOME", "/helm/registry/config.json"},
                                         {"HOME", "/.config/helm/registry/config.json"}}));
  return text ? replace_file(to, *text) : Result<>(text.error());
}

std::string conf_of(const Variables& environment)
{
  if (auto named = environment("CONTAINERS_REGISTRIES_CONF"); !named.empty()) return named;
  const auto own = first_of(environment, {{"HOME", "/.config/containers/registries.conf"}});
  std::error_code none;
  return !own.empty() && std::filesystem::exists(own, none) ? own
                                                            : "/etc/containers/registries.conf";
}

// registries.conf with purser among the helpers; nothing where that cannot be said in it.
std::optional<std::string> containers_text(const std::string& text)
{
  const auto conf = setup::read_containers_conf(text);
  if (conf.old_format || !conf.understood) return std::nullopt;
  auto helpers = conf.helpers.value_or(std::vector<std::string>{"containers-auth.json"});
  if (std::find(helpers.begin(), helpers.end(), k_purser) == helpers.end())
    helpers.emplace_back(k_purser);
  std::string made = "credential-helpers = " + json(helpers).dump() + "\n";
  std::string_view rest = text;
  for (bool table = false; !rest.empty();) {
    const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    const auto word = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
    table = table || word.starts_with('[');
    if (table || !word.starts_with("credential-helpers")) made += line;
  }
  return made;
}

// auth.json, for who knows no other place for helpers.
std::string auth_text(const std::string& config)
{
  json helpers = json::object();
  if (const auto parsed = parse_config(config))
    for (const auto& rule : parsed->registries)
      if (rule.match.find_first_of("*/") == std::string::npos) helpers[rule.match] = k_purser;
  return json{{"auths", json::object()}, {"credHelpers", std::move(helpers)}}.dump(2) + "\n";
}

Result<> write_containers(const std::string& to,
                          const std::string& config,
                          const Variables& environment,
                          JobVariables& variables)
{
  if (const auto written = replace_file(to + "/auth.json", auth_text(config)); !written)
    return written.error();
  variables.set.emplace_back("REGISTRY_AUTH_FILE", to + "/auth.json");
  constexpr std::size_t k_max_size = std::size_t{1} << 20;
  const auto before = read_own_file(conf_of(environment), k_max_size);
  const auto text = before ? containers_text(before->value_or("")) : std::nullopt;
  if (!text) return {}; // podman and its kin go on as they are configured
  if (const auto written = replace_file(to + "/registries.conf", *text); !written)
    return written.error();
  variables.set.emplace_back("CONTAINERS_REGISTRIES_CONF", to + "/registries.conf");
  return {};
}

} // namespace

Result<> write_client_files(const std::string& folder,
                            const std::string& config,
                            const Variables& environment,
                            JobVariables& variables)
{
  if (const auto done = write_docker(folder + "/docker", environment); !done) return done.error();
  const auto helm = folder + "/helm/config.json";
  if (const auto done = write_helm(helm, environment); !done) return done.error();
  variables.set.emplace_back("DOCKER_CONFIG", folder + "/docker");
  variables.set.emplace_back("HELM_REGISTRY_CONFIG", helm);
  return write_containers(folder + "/containers", config, environment, variables);
}

Result<>
link_helper(const std::string& folder, const Variables& environment, JobVariables& variables)
{
  std::error_code failure;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", failure);
  auto helper = failure ? std::nullopt : find_helper(own.parent_path().string());
  if (!helper) helper = find_helper(environment("PATH"));
  if (!helper)
    return Error(Errc::misconfigured, "docker-credential-purser is neither beside purser nor on "
                                      "PATH: install it there");
  variables.path = folder + "/bin";
  if (const auto made = make_own_folder(variables.path); !made) return made.error();
  std::filesystem::create_symlink(*helper, variables.path + "/docker-credential-purser", failure);
  if (failure) return cannot(variables.path, failure);
  return {};
}

} // namespace purser::cli::jobs
