#include "daemon/config/rule_phrase.hpp"

namespace purser {

std::string rule_phrase(const Rule& rule)
{
  std::string text = rule.provider;
  if (rule.profile) text += ", profile " + *rule.profile;
  if (rule.role_arn) text += ", role " + *rule.role_arn;
  if (rule.env)
    text += rule.env->secret_env.empty() ? ", file " + rule.env->secret_file
                                         : ", variable " + rule.env->secret_env;
  if (rule.exec) text += ", program " + rule.exec->command.front();
  return text;
}

} // namespace purser
