#include "daemon/providers/exec/question.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <string_view>

namespace purser {

std::vector<std::string> question_words(const ExecRule& rule)
{
  auto words = rule.command;
  if (rule.protocol == ExecProtocol::docker) words.emplace_back("get");
  return words;
}

std::string question_input(ExecProtocol protocol, const RegistryKey& key)
{
  if (protocol == ExecProtocol::docker) {
    // Docker's helpers know registries and no repositories.
    const auto registry = RegistryKey::parse(key.registry());
    return std::string(registry ? registry->docker_spelling() : key.registry());
  }
  nlohmann::json question{{"version", 1}, {"registry", key.registry()}};
  if (!key.repository().empty()) question["repository"] = key.repository();
  return question.dump() + '\n';
}

std::vector<std::string>
question_environment(const Rule& rule, const Environment& own, const Environment& asker)
{
  std::map<std::string, std::string, std::less<>> variables;
  own.visit([&variables](std::string_view name, std::string_view value) {
    if (name == "HOME" || name.starts_with("XDG_")) variables.emplace(name, value);
  });
  for (const auto& entry : rule.environment) {
    const auto equals = entry.find('=');
    variables.insert_or_assign(entry.substr(0, equals), entry.substr(equals + 1));
  }
  for (const auto& name : rule.exec->pass_env)
    if (const auto value = asker.get(name)) variables.insert_or_assign(name, std::string(*value));
  std::vector<std::string> entries;
  entries.reserve(variables.size());
  for (const auto& [name, value] : variables)
    entries.push_back(std::string(name).append("=").append(value));
  return entries;
}

} // namespace purser
