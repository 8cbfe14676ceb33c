#include "daemon/tokens/sealed_question.hpp"

#include "daemon/providers/sealed_egress.hpp"
#include "daemon/providers/sealed_fields.hpp"

namespace purser {

std::string
seal_question(const SealingKey& key, const TokenQuestion& question, std::string_view context)
{
  FieldList fields;
  fields.add(question.registry).add(question.realm).add(question.service);
  fields.add(question.scopes.text()).add(question.only_public ? "public" : "");
  fields.add(question.username).add(question.secret.reveal());
  fields.add(question.space).add(question.stored_as);
  fields.add(seal_egress(key, question.egress));
  return key.seal(fields.text(), context);
}

Result<TokenQuestion>
open_question(const SealingKey& key, std::string_view sealed, std::string_view context)
{
  const auto fields = SealedFields::open(key, sealed, context, 10);
  if (!fields) return fields.error();
  auto scopes = ScopeSet::parse(fields->at(3));
  if (!scopes) return scopes.error();
  auto egress = open_egress(key, fields->at(9));
  if (!egress) return egress.error();
  TokenQuestion question;
  question.registry = fields->at(0);
  question.realm = fields->at(1);
  question.service = fields->at(2);
  question.scopes = std::move(*scopes);
  question.only_public = !fields->at(4).empty();
  question.username = fields->at(5);
  question.secret = Secret(fields->at(6));
  question.space = fields->at(7);
  question.stored_as = fields->at(8);
  question.egress = std::move(*egress);
  return question;
}

} // namespace purser
