#include "daemon/config/exec_rule_parser.hpp"

#include "daemon/config/env_rule_parser.hpp"

#include <cstddef>

namespace purser {
namespace {

constexpr std::size_t k_max_words = 64;
constexpr std::size_t k_max_word = 4095;
constexpr std::size_t k_max_names = 64;
constexpr std::size_t k_max_name = 256;
// A little less than a flight may take, so that whoever waits for it learns the reason.
constexpr long long k_max_timeout = 58;
constexpr long long k_min_life = 10;
constexpr long long k_day = 86'400; // the longest life that is believed

std::vector<std::string> read_command(ObjectReader& reader)
{
  auto words = reader.texts("command", k_max_words, k_max_word);
  if (words.empty())
    reader.complain("command", "is missing; it is a list of words, the path of a program first");
  else if (!words.front().starts_with('/') || words.front().ends_with('/'))
    reader.complain("command", "must begin with the absolute path of a program (~ and variables "
                               "are not replaced, and PATH is not searched)");
  else if (words.front().ends_with("/docker-credential-purser"))
    reader.complain("command", "is purser itself, which would ask itself without end");
  return words;
}

ExecProtocol read_protocol(ObjectReader& reader)
{
  const auto name = reader.text("protocol", 64);
  if (name && *name != "purser" && *name != "docker")
    reader.complain("protocol", R"(must be "purser" or "docker")");
  return name == "docker" ? ExecProtocol::docker : ExecProtocol::purser;
}

std::vector<std::string> read_names(ObjectReader& reader)
{
  auto names = reader.texts("pass_env", k_max_names, k_max_name);
  for (const auto& name : names)
    check_forwarded(reader, "pass_env", name);
  return names;
}

} // namespace

ExecRule read_exec_rule(ObjectReader& reader)
{
  ExecRule rule;
  rule.command = read_command(reader);
  rule.protocol = read_protocol(reader);
  if (const auto seconds = reader.number("timeout_seconds", 1, k_max_timeout))
    rule.timeout = std::chrono::seconds(*seconds);
  if (const auto seconds = reader.number("life_seconds", k_min_life, k_day))
    rule.life = std::chrono::seconds(*seconds);
  rule.pass_env = read_names(reader);
  return rule;
}

} // namespace purser
