#include "daemon/store/store_choice.hpp"

#include <nlohmann/json.hpp>

namespace purser {
namespace {

constexpr int k_version = 1;

const std::string* text_of(const nlohmann::json& object, const char* name)
{
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

std::optional<StoreKind> kind_named(const std::string* name)
{
  if (name == nullptr) return std::nullopt;
  for (const auto kind : {StoreKind::file, StoreKind::secret_service})
    if (*name == to_string(kind)) return kind;
  return std::nullopt;
}

std::string_view why_not_the_keyring(KeyringFinding found)
{
  switch (found) {
  case KeyringFinding::no_bus: return "there was no session bus";
  case KeyringFinding::absent: return "no Secret Service was there to use";
  case KeyringFinding::silent: return "the Secret Service did not answer within 2 s";
  case KeyringFinding::locked_and_empty: return "the keyring was locked, and had no logins";
  case KeyringFinding::locked_with_entries:
  case KeyringFinding::unlocked: break;
  }
  return "";
}

} // namespace

std::optional<StoreDecision> decide(const StoreEvidence& evidence, bool storing)
{
  if (evidence.file_has_entries) return StoreDecision{StoreKind::file, "it had logins already"};
  if (evidence.keyring == KeyringFinding::unlocked)
    return StoreDecision{StoreKind::secret_service, "it answered, and was unlocked"};
  if (evidence.keyring == KeyringFinding::locked_with_entries)
    return StoreDecision{StoreKind::secret_service, "it had logins already, though it was locked"};
  if (!storing) return std::nullopt;
  return StoreDecision{StoreKind::file, why_not_the_keyring(evidence.keyring)};
}

std::string encode_choice(const StoreChoice& choice)
{
  nlohmann::ordered_json json;
  json["version"] = k_version;
  json["kind"] = to_string(choice.kind);
  json["chosen_at"] = choice.chosen_at;
  json["because"] = choice.because;
  if (choice.leaving) json["leaving"] = to_string(*choice.leaving);
  return json.dump(-1, ' ', true) + '\n';
}

Result<StoreChoice> parse_choice(std::string_view text)
{
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  const Error damaged(Errc::protocol_error, "does not say which store is used");
  if (!json.is_object()) return damaged;
  const auto version = json.find("version");
  if (version == json.end() || *version != k_version)
    return Error(Errc::protocol_error, "is of another version of purser");
  const auto kind = kind_named(text_of(json, "kind"));
  const auto* at = text_of(json, "chosen_at");
  const auto* because = text_of(json, "because");
  if (!kind || at == nullptr || because == nullptr) return damaged;
  StoreChoice choice(*kind, *at, *because);
  if (const auto* leaving = text_of(json, "leaving")) {
    choice.leaving = kind_named(leaving);
    if (choice.leaving != other_than(choice.kind)) return damaged;
  }
  return choice;
}

} // namespace purser
