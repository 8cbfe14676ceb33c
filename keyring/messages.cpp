#include "keyring/messages.hpp"

#include <nlohmann/json.hpp>

namespace purser::keyring {
namespace {

using Json = nlohmann::ordered_json;

Error no_message()
{
  return {Errc::bad_request, "standard input is not one JSON object with the strings ServerURL, "
                             "Username and Secret, without NUL"};
}

// Null where there is none that a C program could read.
const std::string* find_text(const Json& object, const char* name)
{
  const auto found = object.find(name);
  const auto* text = found == object.end() ? nullptr : found->get_ptr<const std::string*>();
  return text != nullptr && text->find('\0') == std::string::npos ? text : nullptr;
}

} // namespace

Result<RegistryKey> parse_key(std::string_view text)
{
  auto key = RegistryKey::parse(text);
  if (!key) return Error{Errc::bad_request, "this is not the name of a registry"};
  return *key;
}

Result<StoreMessage> parse_store_message(std::string_view text)
{
  // nlohmann takes NUL for the end of the text, whatever follows.
  if (text.find('\0') != std::string_view::npos) return no_message();
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return no_message();
  const std::string* server = find_text(json, "ServerURL");
  const std::string* username = find_text(json, "Username");
  const std::string* secret = find_text(json, "Secret");
  if (server == nullptr || username == nullptr || secret == nullptr) return no_message();
  const auto key = parse_key(*server);
  if (!key) return key.error();
  return StoreMessage{*key, *username, WipingBuffer(secret->begin(), secret->end())};
}

Result<std::string> credential_line(const RegistryKey& key, const Credential& credential)
{
  Json json{
      {"ServerURL", std::string(key.text())}, {"Username", credential.username}, {"Secret", ""}};
  gsize size = 0;
  const char* secret = secret_value_get(credential.secret.get(), &size);
  // In place: a string of ours would leave a short secret on the stack.
  json["Secret"].get_ref<std::string&>().assign(secret, size);
  try {
    return json.dump() + '\n';
  } catch (const Json::type_error&) {
    return Error{Errc::bad_request, "what is stored for this registry is no text: store it again"};
  }
}

std::string list_line(const std::vector<Name>& names)
{
  Json json = Json::array();
  for (const Name& name : names)
    json.push_back({{"ServerURL", name.key}, {"Username", name.username}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string survey_line(const Survey& survey)
{
  const auto named = [&survey]() -> const char* {
    switch (survey.keyring) {
    case Survey::Default::none: break;
    case Survey::Default::locked: return "locked";
    case Survey::Default::unlocked: return "unlocked";
    }
    return "none";
  };
  return Json{{"Default", named()}, {"Entries", survey.has_entries}}.dump() + '\n';
}

} // namespace purser::keyring
