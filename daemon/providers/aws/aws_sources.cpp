#include "daemon/providers/aws/aws_sources.hpp"

#include "daemon/async/timeout.hpp"
#include "daemon/providers/sealed_fields.hpp"

#include <array>
#include <string_view>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t k_max_kept = 4096;
constexpr Duration k_max_age = 10s;
constexpr Duration k_read_limit = 6s; // less than an asker waits, so that it learns the reason
constexpr std::string_view k_context = "aws keys";

// Every variable that the chain reads, other than those that name files or a profile.
constexpr std::array<std::string_view, 7> k_variables{"AWS_ACCESS_KEY_ID",
                                                      "AWS_SECRET_ACCESS_KEY",
                                                      "AWS_SESSION_TOKEN",
                                                      "AWS_SECURITY_TOKEN",
                                                      "AWS_WEB_IDENTITY_TOKEN_FILE",
                                                      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                                      "AWS_CONTAINER_CREDENTIALS_FULL_URI"};

Result<std::string>
path_or(const Standpoint& standpoint, std::string_view variable, std::string_view in_home)
{
  auto named = standpoint.path(variable);
  if (!named) return named.error();
  return *named ? std::move(**named) : standpoint.in_home(in_home);
}

// A deadline that passed knows nothing of files.
Error readable_error(Error error, const std::string& name)
{
  if (error.code != Errc::timeout) return error;
  return Error{Errc::timeout,
               "reading " + name + " takes too long: check the disk or network it is on"};
}

FieldList& add_keys(FieldList& fields, const AwsKeys& keys)
{
  return fields.add(keys.access_key_id).add(keys.secret.reveal()).add(keys.session_token.reveal());
}

void add_properties(FieldList& fields, const Properties& properties)
{
  fields.add(std::to_string(properties.size()));
  for (const auto& [name, value] : properties)
    fields.add(name).add(value.reveal());
}

void add_section(FieldList& fields, const Section* section)
{
  if (section == nullptr) return;
  add_properties(fields, section->properties);
  for (const auto& [name, properties] : section->nested)
    add_properties(fields.add(name), properties);
}

// Of the keys and of all that a profile and its services say: an edit makes another identity.
std::string fingerprint(const FoundKeys& found, const Profiles& profiles, const SealingKey& key)
{
  FieldList fields;
  add_keys(fields.add("aws source"), found.keys);
  const Section* section = found.profile ? profiles.profile(*found.profile) : nullptr;
  add_section(fields, section);
  const auto services = section == nullptr ? std::nullopt : find_property(*section, "services");
  if (services) add_section(fields.add("services"), profiles.services(*services));
  return key.digest(fields.text());
}

} // namespace

AwsSources::AwsSources(asio::any_io_executor ex,
                       Clock& clock,
                       WorkerPool& files,
                       const SealingKey& key)
  : clock_(clock), key_(key), files_(std::move(ex), files), kept_(k_max_kept, k_max_age)
{
}

asio::awaitable<Result<AwsSources::Source>>
AwsSources::resolve(Standpoint standpoint, std::optional<std::string> rule_profile)
{
  const ProfileChoice choice = choose_profile(rule_profile, standpoint);
  if (!standpoint.has_files()) {
    const Profiles none;
    co_return evaluate(ChainInput{standpoint, none, choice});
  }
  auto paths = find_paths(standpoint);
  if (!paths) co_return paths.error();
  const std::string asked = question(standpoint, choice, *paths);
  if (auto source = recall(asked)) co_return source;

  const std::string name = paths->config;
  const auto snapshot = co_await with_timeout(clock_, k_read_limit, files_.read(std::move(*paths)));
  if (!snapshot) co_return readable_error(snapshot.error(), name);
  auto source = evaluate(ChainInput{standpoint, (*snapshot)->profiles, choice});
  if (source && !(*snapshot)->watch.expired())
    kept_.put(asked, Kept{*source, (*snapshot)->watch}, clock_.now());
  co_return source;
}

AwsSources::Source AwsSources::recall(const std::string& question)
{
  Kept* kept = kept_.find(question, clock_.now());
  if (kept == nullptr) return nullptr;
  const auto watch = kept->watch.lock();
  if (watch != nullptr && !watch->changed()) return kept->source;
  kept_.erase(question);
  return nullptr;
}

Result<ProfilePaths> AwsSources::find_paths(const Standpoint& standpoint) const
{
  auto config = path_or(standpoint, "AWS_CONFIG_FILE", ".aws/config");
  if (!config) return config.error();
  auto credentials = path_or(standpoint, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
  if (!credentials) return credentials.error();
  return ProfilePaths(std::move(*config), std::move(*credentials));
}

// Equal for requests that the same files answer with the same source. Keyed, since the
// variables hold secrets.
std::string AwsSources::question(const Standpoint& standpoint,
                                 const ProfileChoice& choice,
                                 const ProfilePaths& paths) const
{
  FieldList fields;
  fields.add("aws question").add(choice.name).add(std::to_string(static_cast<int>(choice.by)));
  fields.add(paths.config).add(paths.credentials);
  for (const std::string_view variable : k_variables)
    fields.add(standpoint.get(variable).value_or(""));
  return key_.digest(fields.text());
}

Result<AwsSources::Source> AwsSources::evaluate(const ChainInput& input) const
{
  auto found = find_keys(input);
  if (!found) return found.error();
  auto settings = read_settings(input.profiles, input.choice.name);
  if (!settings) return settings.error();

  AwsSource source;
  source.place = std::move(found->place);
  source.fingerprint = fingerprint(*found, input.profiles, key_);
  FieldList keys;
  source.sealed_keys = key_.seal(add_keys(keys, found->keys).text(), k_context);
  source.profile = std::move(found->profile);
  source.settings = std::move(*settings);
  return std::make_shared<const AwsSource>(std::move(source));
}

Result<AwsKeys> open_keys(const AwsSource& source, const SealingKey& key)
{
  auto fields = SealedFields::open(key, source.sealed_keys, k_context, 3);
  if (!fields) return fields.error();
  return AwsKeys(std::string(fields->at(0)), Secret(fields->at(1)), Secret(fields->at(2)));
}

} // namespace purser::aws
