#include "cli/run/job_config.hpp"

#include "daemon/config/config.hpp"
#include "daemon/config/config_file.hpp"
#include "daemon/config/small_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace purser::cli::jobs {
namespace {

using nlohmann::json;

constexpr std::size_t k_max_size = std::size_t{1} << 20; // as in daemon/config/config_file.cpp
constexpr const char* k_all_of_ecr = "*.dkr.ecr.*.amazonaws.com";

Result<std::string> path_of(const JobOrder& order, const Variables& variables)
{
  if (!order.config.empty()) {
    std::error_code failure;
    const auto whole = std::filesystem::absolute(order.config, failure);
    if (failure || ::access(whole.c_str(), F_OK) != 0)
      return Error(Errc::misconfigured, "there is no " + order.config);
    return whole.string();
  }
  const std::string named = variables("PURSER_CONFIG");
  const std::string xdg = variables("XDG_CONFIG_HOME");
  const std::string home = variables("HOME");
  if (named.empty() && xdg.empty() && home.empty()) return std::string(); // nobody has one
  return find_config_path({named, xdg, home});
}

// `where` goes before what the parser says.
Result<json> parsed(const std::string& text, const std::string& where)
{
  const auto checked = parse_config(text);
  if (!checked) return Error(checked.error().code, where + checked.error().what);
  return json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
}

Result<json> read_base(const JobOrder& order, const Variables& variables)
{
  json none = {{"version", 1}, {"registries", json::array()}};
  const auto path = path_of(order, variables);
  if (!path) return path.error();
  if (path->empty()) return none;
  const auto text = read_own_file(*path, k_max_size);
  if (!text) return text.error();
  if (!*text) return none;
  return parsed(**text, *path + ": ");
}

// Nothing where the keys of whoever asks are meant.
Result<std::optional<json>> web_identity(const JobOrder& order, const Variables& variables)
{
  const std::string_view said = order.web_identity;
  const bool github = !variables("ACTIONS_ID_TOKEN_REQUEST_URL").empty();
  if (said == "none" || (said.empty() && !github)) return std::optional<json>();
  if (said.empty() || said == "github") return std::optional<json>("github");
  for (const std::string kind : {"env", "file"})
    if (said.starts_with(kind + ":"))
      return std::optional<json>(json{{kind, said.substr(kind.size() + 1)}});
  return Error(Errc::bad_request, "--web-identity is github, env:NAME, file:PATH or none");
}

Result<json> rules(const JobOrder& order, const Variables& variables)
{
  const auto identity = web_identity(order, variables);
  if (!identity) return identity.error();
  auto patterns = order.registries;
  if (patterns.empty()) patterns.emplace_back(k_all_of_ecr);
  json made = json::array();
  for (const auto& pattern : patterns) {
    json rule = {{"match", pattern}, {"provider", "ecr"}, {"role_arn", order.role}};
    if (*identity) rule["web_identity"] = **identity;
    if (!order.audience.empty()) rule["audience"] = order.audience;
    made.push_back(std::move(rule));
  }
  return made;
}

// Two rules of one pattern are an error, and this one is meant.
void put_before(json& registries, json made)
{
  for (const auto& rule : registries) {
    const auto same = [&rule](const json& own) { return own["match"] == rule["match"]; };
    if (std::none_of(made.begin(), made.end(), same)) made.push_back(rule);
  }
  registries = std::move(made);
}

} // namespace

Result<std::string> job_config(const JobOrder& order, const Variables& variables)
{
  auto config = read_base(order, variables);
  if (!config) return config.error();
  config->erase("store");
  if (order.role.empty()) return config->dump(2);
  auto made = rules(order, variables);
  if (!made) return made.error();
  const std::string alone = json{{"version", 1}, {"registries", *made}}.dump();
  if (const auto checked = parsed(alone, "--role and its like: "); !checked) return checked.error();
  put_before((*config)["registries"], std::move(*made));
  return config->dump(2);
}

} // namespace purser::cli::jobs
