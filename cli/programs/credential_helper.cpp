#include "cli/programs/credential_helper.hpp"

#include "cli/printable.hpp"
#include "common/ascii.hpp"
#include "common/docker_words.hpp"

#include <nlohmann/json.hpp>

namespace purser::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t k_most_output = std::size_t{4} << 20;

const std::string* text_of(const Json& object, const char* name)
{
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

} // namespace

Result<ChildOutcome> CredentialHelper::run(const char* verb, std::string_view input) const
{
  const auto limit = whose_ == Whose::ours ? k_our_limit : k_foreign_limit;
  ChildProgram program(path_, verb, limit, k_most_output);
  program.stop = stop_;
  return converse(program, input);
}

Error CredentialHelper::failed(const char* verb, std::string_view said) const
{
  constexpr std::string_view k_ours = "purser: ";
  if (whose_ == Whose::foreign) return {Errc::transient, path_ + " " + verb + " failed"};
  auto line = trimmed(said.substr(0, said.find('\n')));
  if (line.starts_with(k_ours)) line.remove_prefix(k_ours.size());
  if (line.empty()) line = "docker-credential-purser failed without a word";
  return {Errc::transient, printable(line)};
}

Result<std::map<std::string, std::string>> CredentialHelper::list() const
{
  const auto outcome = run("list", "unused");
  if (!outcome) return outcome.error();
  if (!outcome->ok) return failed("list", outcome->text());
  const auto json = Json::parse(outcome->text(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Error(Errc::protocol_error, path_ + " list gave no list");
  std::map<std::string, std::string> names;
  for (const auto& [name, username] : json.items())
    if (username.is_string()) names.emplace(name, username.get<std::string>());
  return names;
}

Result<std::optional<Login>> CredentialHelper::get(std::string_view registry) const
{
  const auto outcome = run("get", registry);
  if (!outcome) return outcome.error();
  if (!outcome->ok) {
    if (trimmed(outcome->text()) == docker_words::k_not_found) return std::optional<Login>();
    return failed("get", outcome->text());
  }
  const auto json = Json::parse(outcome->text(), nullptr, /*allow_exceptions=*/false);
  const auto* username = text_of(json, "Username");
  const auto* secret = text_of(json, "Secret");
  if (username == nullptr || secret == nullptr)
    return Error(Errc::protocol_error, path_ + " get gave no credential");
  return std::optional<Login>(Login(*username, Secret(*secret)));
}

Result<> CredentialHelper::store(std::string_view registry, const Login& login) const
{
  Json json;
  json["ServerURL"] = registry;
  json["Username"] = login.username;
  json["Secret"] = login.secret.reveal();
  const auto outcome = run("store", json.dump());
  if (!outcome) return outcome.error();
  if (!outcome->ok) return failed("store", outcome->text());
  return {};
}

Result<> CredentialHelper::erase(std::string_view registry) const
{
  const auto outcome = run("erase", registry);
  if (!outcome) return outcome.error();
  if (!outcome->ok) return failed("erase", outcome->text());
  return {};
}

} // namespace purser::cli
