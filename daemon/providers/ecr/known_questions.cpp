#include "daemon/providers/ecr/known_questions.hpp"

namespace purser::ecr {

std::string KnownQuestions::name(const RegistryKey& key, const Asker& asker) const
{
  FieldList fields;
  fields.add("ecr question").add(key.registry());
  fields.add(asker.local ? "local" : "foreign").add(asker.cwd);
  asker.env.visit(
      [&fields](std::string_view name, std::string_view value) { fields.add(name).add(value); });
  return key_.digest(fields.text());
}

} // namespace purser::ecr
