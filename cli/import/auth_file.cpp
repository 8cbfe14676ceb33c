#include "cli/import/auth_file.hpp"

#include "cli/import/auth_text.hpp"

#include <optional>
#include <utility>

namespace purser::cli {
namespace {

using Json = nlohmann::json;

// Empty where it is missing or no text.
std::string_view text_of(const Json& object, const char* name)
{
  const auto found = object.find(name);
  const auto* text = found == object.end() ? nullptr : found->get_ptr<const std::string*>();
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

// Which helper clients of this file ask for a key; empty where none.
std::string helper_for(const Json& root, const std::optional<RegistryKey>& key, bool knows_store)
{
  if (const auto helpers = root.find("credHelpers"); helpers != root.end() && helpers->is_object())
    for (const auto& [name, helper] : helpers->items())
      if (key && helper.is_string() && RegistryKey::parse(name) == key)
        return helper.get<std::string>();
  return knows_store ? std::string(text_of(root, "credsStore")) : std::string();
}

// Why the clients of this file would miss what is taken out of it; empty where they ask purser.
std::string
would_miss(const Json& root, const FoundEntry& entry, AuthReader reader, const AuthReaders& readers)
{
  const bool podman = reader == AuthReader::podman;
  const auto helper = helper_for(root, entry.key, !podman);
  if (!helper.empty() && readers.is_purser(helper)) return {};
  if (!helper.empty()) return "its clients ask docker-credential-" + helper + " instead of purser";
  if (podman && readers.podman_asks) return {};
  return "its clients do not ask purser for it yet";
}

// Where nobody can be told to ask a helper for it.
std::string cannot_ask(const FoundEntry& entry, AuthReader reader)
{
  if (reader == AuthReader::dockercfg) return "this old form cannot name a helper";
  if (reader == AuthReader::podman && entry.key && !entry.key->repository().empty())
    return "podman asks helpers for whole registries only";
  return {};
}

// What the members of one entry say, docker's way: `auth` before `username` and `password`.
Result<Login> password_of(const Json& entry)
{
  if (const auto auth = text_of(entry, "auth"); !auth.empty()) return decode_auth(auth);
  return Login(std::string(text_of(entry, "username")), Secret(text_of(entry, "password")));
}

void understand(FoundEntry& found, const Json& entry)
{
  const auto token = text_of(entry, "identitytoken");
  if (!text_of(entry, "registrytoken").empty()) {
    found.trouble = "it has a registrytoken, which is no credential that can be stored";
    return;
  }
  auto login = password_of(entry);
  if (!login && token.empty()) {
    found.trouble = login.error().what;
    return;
  }
  if (!token.empty()) {
    // Beside a token, `auth` has the user name alone.
    if (!login || !login->secret.empty()) {
      found.trouble = "it has both a password and an identity token";
      return;
    }
    login = Login("<token>", Secret(token));
  }
  found.trouble = trouble_of(*login);
  if (found.trouble.empty()) found.login.emplace(std::move(*login));
}

// Nothing where the entry has no secret: docker leaves such behind for registries of helpers.
std::optional<FoundEntry>
entry_of(const std::string& path, const std::string& name, const Json& entry, const JsonPath& above)
{
  FoundEntry found(path, name);
  for (const auto* member : {"auth", "identitytoken", "password", "registrytoken"}) {
    if (text_of(entry, member).empty()) continue;
    JsonPath place = above;
    place.emplace_back(name);
    place.emplace_back(member);
    found.plain.push_back(std::move(place));
  }
  if (found.plain.empty()) return std::nullopt;
  found.key = RegistryKey::parse(name);
  if (found.key)
    understand(found, entry);
  else
    found.trouble = "that is not the name of a registry";
  return found;
}

} // namespace

AuthReader reader_of(std::string_view path)
{
  const auto name = path.substr(path.rfind('/') + 1);
  if (name == "auth.json") return AuthReader::podman;
  return name == ".dockercfg" ? AuthReader::dockercfg : AuthReader::docker;
}

Result<AuthFile>
parse_auth_file(std::string path, AuthReader reader, std::string text, const AuthReaders& readers)
{
  auto edit = JsonEdit::parse(std::move(text));
  if (!edit) return edit.error();
  AuthFile file(std::move(path), reader, std::move(*edit));
  const Json& root = *file.text.find({});
  const bool old_form = reader == AuthReader::dockercfg && root.find("auths") == root.end();
  const JsonPath above = old_form ? JsonPath{} : JsonPath{"auths"};
  const Json* const auths = file.text.find(above);
  if (auths == nullptr || auths->is_null()) return file;
  if (!auths->is_object()) return Error(Errc::misconfigured, "its auths is no JSON object");
  for (const auto& [name, entry] : auths->items()) {
    if (!entry.is_object()) continue;
    auto found = entry_of(file.path, name, entry, above);
    if (!found) continue;
    found->keep_plain = cannot_ask(*found, reader);
    found->may_ask = found->keep_plain.empty();
    if (found->may_ask) found->keep_plain = would_miss(root, *found, reader, readers);
    file.entries.push_back(std::move(*found));
  }
  return file;
}

} // namespace purser::cli
