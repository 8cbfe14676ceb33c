#include "daemon/config/env_rule_parser.hpp"

#include "daemon/config/forwarded_name.hpp"

#include <cstddef>

namespace purser {
namespace {

constexpr std::size_t k_max_username = 256;
constexpr std::size_t k_max_variable = 256;
constexpr std::size_t k_max_path = 4095;

std::string read_variable(ObjectReader& reader, std::string_view key)
{
  auto name = reader.text(key, k_max_variable);
  if (name) check_forwarded(reader, key, *name);
  return name.value_or("");
}

// Exactly one of the two.
void check_pair(ObjectReader& reader, const char* one, const char* other)
{
  if (reader.has(one) && reader.has(other))
    reader.complain(other, "cannot be used together with " + std::string(one));
  if (!reader.has(one) && !reader.has(other))
    reader.complain(one, "is missing; so is " + std::string(other) +
                             ", and the provider \"env\" needs one of them");
}

} // namespace

void check_forwarded(ObjectReader& reader, std::string_view key, std::string_view name)
{
  if (!is_forwarded_name(name))
    reader.complain(key, "is no variable that helpers send to the daemon; they send GITHUB_TOKEN, "
                         "CI_JOB_TOKEN and names that begin with PURSER_, such as PURSER_SECRET");
}

EnvRule read_env_rule(ObjectReader& reader)
{
  EnvRule rule;
  rule.username = reader.text("username", k_max_username).value_or("");
  if (rule.username.find(':') != std::string::npos)
    reader.complain("username", "has a colon, which no Authorization header can hold");
  rule.username_env = read_variable(reader, "username_env");
  rule.secret_env = read_variable(reader, "secret_env");
  rule.secret_file = reader.text("secret_file", k_max_path).value_or("");
  if (!rule.secret_file.empty() && !rule.secret_file.starts_with('/'))
    reader.complain("secret_file", "must be an absolute path");
  check_pair(reader, "username", "username_env");
  check_pair(reader, "secret_env", "secret_file");
  return rule;
}

} // namespace purser
