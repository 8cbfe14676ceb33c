#include "daemon/providers/aws/aws_sources.hpp"

#include "daemon/providers/aws/configured_endpoint.hpp"
#include "daemon/providers/aws/file_limit.hpp"
#include "daemon/providers/aws/keys/key_ring.hpp"
#include "daemon/providers/aws/keys/sso_token.hpp"
#include "daemon/providers/aws/keys/token_file.hpp"
#include "daemon/providers/aws/sts_endpoint.hpp"

#include <array>
#include <string_view>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t k_max_kept = 4096;
constexpr Duration k_max_age = 10s;

// Every variable that a source is made of, other than those that name the shared files or a
// profile.
constexpr std::array<std::string_view, 24> k_variables{"AWS_ACCESS_KEY_ID",
                                                       "AWS_SECRET_ACCESS_KEY",
                                                       "AWS_SESSION_TOKEN",
                                                       "AWS_SECURITY_TOKEN",
                                                       "AWS_WEB_IDENTITY_TOKEN_FILE",
                                                       "AWS_ROLE_ARN",
                                                       "AWS_ROLE_SESSION_NAME",
                                                       "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                                       "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                                       "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                                       "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                                       "AWS_EC2_METADATA_DISABLED",
                                                       "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                                       "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                                       "AWS_REGION",
                                                       "AWS_DEFAULT_REGION",
                                                       "AWS_ENDPOINT_URL",
                                                       "AWS_ENDPOINT_URL_STS",
                                                       "AWS_ENDPOINT_URL_SSO",
                                                       "AWS_ENDPOINT_URL_SSO_OIDC",
                                                       "AWS_USE_FIPS_ENDPOINT",
                                                       "AWS_USE_DUALSTACK_ENDPOINT",
                                                       "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                                       "HOME"};

Result<std::string>
path_or(const Standpoint& standpoint, std::string_view variable, std::string_view in_home)
{
  auto named = standpoint.path(variable);
  if (!named) return named.error();
  return *named ? std::move(**named) : standpoint.in_home(in_home);
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

// All that a profile and its services say: an edit makes another identity.
void add_profile(FieldList& fields, const std::string& name, const Profiles& profiles)
{
  const Section* section = profiles.profile(name);
  add_section(fields, section);
  const auto services = section == nullptr ? std::nullopt : find_property(*section, "services");
  if (services) add_section(fields.add("services"), profiles.services(*services));
}

void add_role(FieldList& fields, const RoleRequest& role)
{
  fields.add(role.arn).add(role.session_name).add(role.external_id);
  fields.add(std::to_string(role.duration.count()));
}

// Adds what makes one origin another one than the next.
struct AddOrigin {
  FieldList& fields;

  void operator()(const AwsKeys& keys) const
  {
    fields.add("keys").add(keys.access_key_id);
    fields.add(keys.secret.reveal()).add(keys.session_token.reveal());
  }
  void operator()(const AssumedRole& assumed) const { add_role(fields.add("role"), assumed.role); }
  void operator()(const WebIdentity& identity) const
  {
    add_role(fields.add("web identity"), identity.role);
    fields.add(identity.token_file);
  }
  void operator()(const SsoSession& session) const
  {
    fields.add("sso").add(session.token_file).add(session.region);
    fields.add(session.account_id).add(session.role_name);
  }
  void operator()(const ContainerEndpoint& endpoint) const
  {
    fields.add("container").add(endpoint.url).add(endpoint.token_file);
    fields.add(endpoint.token.reveal());
  }
  void operator()(const InstanceMetadata& metadata) const
  {
    fields.add("instance").add(metadata.url);
  }
};

// What the chain finds, or the role that is assumed with it.
Result<FoundSource> find_source_for(const ChainInput& input, const std::optional<RoleRequest>& role)
{
  auto found = find_source(input);
  if (!found || !role) return found;
  FoundSource assumed(AssumedRole{*role}, "the role " + role->arn, std::nullopt);
  assumed.base = std::make_unique<FoundSource>(std::move(*found));
  return assumed;
}

// The file with a token that an origin needs.
std::optional<TokenFile> token_file_of(const KeyOrigin& origin)
{
  if (const auto* identity = std::get_if<WebIdentity>(&origin))
    return TokenFile{identity->token_file, false};
  if (const auto* session = std::get_if<SsoSession>(&origin))
    return TokenFile{session->token_file, true};
  return std::nullopt;
}

std::vector<TokenFile> token_files(const FoundSource& found)
{
  std::vector<TokenFile> files;
  for (const FoundSource* at = &found; at != nullptr; at = at->base.get())
    if (auto file = token_file_of(at->origin)) files.push_back(std::move(*file));
  return files;
}

Result<TokenLook> look_into(const TokenFile& file)
{
  TokenLook look;
  if (file.of_sso) { // whose errors are said when it is needed
    const auto token = read_sso_token(file.path);
    if (token && *token) look.content = (*token)->access_token.clone();
    return look;
  }
  auto token = read_token_file(file.path);
  if (!token) return token.error();
  look.subject = subject_of(token->reveal());
  look.content = std::move(*token);
  return look;
}

// Where STS or the portal of SSO is asked, if one of them is.
Result<> find_issuer(AwsSource& source,
                     const KeyOrigin& origin,
                     const Standpoint& standpoint,
                     const std::string& region_of_registry)
{
  if (std::holds_alternative<AssumedRole>(origin) || std::holds_alternative<WebIdentity>(origin)) {
    auto sts = choose_sts(source.settings, standpoint, region_of_registry);
    if (!sts) return sts.error();
    source.issuer = std::move(*sts);
  }
  const auto* const session = std::get_if<SsoSession>(&origin);
  if (session == nullptr) return {};
  auto urls = choose_urls(EndpointQuestion{k_sso, session->region, {}, std::nullopt}, standpoint,
                          source.settings);
  if (!urls) return urls.error();
  auto oidc = choose_urls(EndpointQuestion{k_sso_oidc, session->region, {}, std::nullopt},
                          standpoint, source.settings);
  if (!oidc) return oidc.error();
  source.sso_oidc_url = std::move(oidc->front());
  source.issuer = Issuer{session->region, std::move(*urls)};
  return {};
}

} // namespace

AwsSources::AwsSources(asio::any_io_executor ex,
                       Clock& clock,
                       WorkerPool& files,
                       const SealingKey& key)
  : clock_(clock)
  , key_(key)
  , pool_(files)
  , files_(std::move(ex), files)
  , kept_(k_max_kept, k_max_age)
{
}

asio::awaitable<Result<AwsSourcePtr>> AwsSources::resolve(Question question)
{
  const Standpoint& standpoint = question.standpoint;
  const ProfileChoice choice = choose_profile(question.rule_profile, standpoint);
  if (!standpoint.has_files()) {
    const Profiles none;
    const ChainInput input{standpoint, none, choice, question.machine_counts, question.trace};
    auto found = find_source_for(input, question.role);
    if (!found) co_return found.error();
    const Tokens none_read;
    co_return complete(std::move(*found), input, none_read, question.region);
  }
  auto paths = find_paths(standpoint);
  if (!paths) co_return paths.error();
  const std::string asked = digest(question, choice, *paths);
  if (question.trace == nullptr)
    if (auto source = recall(asked)) co_return source;

  const std::string name = paths->config;
  const auto snapshot = co_await within_file_limit(clock_, name, files_.read(std::move(*paths)));
  if (!snapshot) co_return snapshot.error();
  const ChainInput input{standpoint, (*snapshot)->profiles, choice, question.machine_counts,
                         question.trace};
  auto found = find_source_for(input, question.role);
  if (!found) co_return found.error();
  auto files = token_files(*found);
  const bool has_tokens = !files.empty();
  auto tokens = co_await read_tokens(std::move(files));
  if (!tokens) co_return tokens.error();
  auto source = complete(std::move(*found), input, *tokens, question.region);
  const bool watched = !(*snapshot)->watch.expired() && (!has_tokens || tokens->watch);
  if (source && watched)
    kept_.put(asked, Kept{*source, (*snapshot)->watch, tokens->watch}, clock_.now());
  co_return source;
}

AwsSourcePtr AwsSources::recall(const std::string& digest)
{
  Kept* kept = kept_.find(digest, clock_.now());
  if (kept == nullptr) return nullptr;
  const auto watch = kept->watch.lock();
  const bool same = watch != nullptr && !watch->changed();
  if (same && (kept->tokens == nullptr || !kept->tokens->changed())) return kept->source;
  kept_.erase(digest);
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
std::string AwsSources::digest(const Question& question,
                               const ProfileChoice& choice,
                               const ProfilePaths& paths) const
{
  FieldList fields;
  fields.add("aws question").add(choice.name).add(std::to_string(static_cast<int>(choice.by)));
  fields.add(paths.config).add(paths.credentials);
  fields.add(question.region).add(question.machine_counts ? "1" : "0");
  if (question.role) add_role(fields, *question.role);
  for (const std::string_view variable : k_variables)
    fields.add(question.standpoint.get(variable).value_or(""));
  // Where names of files that begin with no slash lead to.
  const auto here = question.standpoint.absolute("f", "");
  fields.add(here ? *here : "");
  return key_.digest(fields.text());
}

asio::awaitable<Result<AwsSources::Tokens>> AwsSources::read_tokens(std::vector<TokenFile> files)
{
  if (files.empty()) co_return Tokens();
  const std::string name = files.front().path;
  auto job = [files = std::move(files)]() -> Result<Tokens> {
    Tokens tokens;
    std::vector<std::string> names;
    for (const auto& file : files)
      names.push_back(file.path);
    if (auto watch = FileWatch::begin(names))
      tokens.watch = std::make_shared<FileWatch>(std::move(*watch));
    for (const auto& file : files) {
      auto look = look_into(file);
      if (!look) return look.error();
      tokens.by_file.insert_or_assign(file.path, std::move(*look));
    }
    return tokens;
  };
  co_return co_await within_file_limit(clock_, name, pool_.run<Tokens>(std::move(job)));
}

Result<AwsSourcePtr> AwsSources::complete(FoundSource found,
                                          const ChainInput& input,
                                          const Tokens& tokens,
                                          const std::string& region) const
{
  const std::string profile = found.profile.value_or(input.choice.name);
  auto settings = read_settings(input.profiles, profile);
  if (!settings) return settings.error();

  auto source = std::make_shared<AwsSource>();
  FieldList fields;
  std::visit(AddOrigin{fields.add("aws source")}, found.origin);
  if (found.profile) add_profile(fields, profile, input.profiles);
  if (found.base) {
    auto base = complete(std::move(*found.base), input, tokens, region);
    if (!base) return base.error();
    source->base = std::move(*base);
    fields.add("base").add(source->base->fingerprint);
    source->stamp = source->base->stamp;
  }
  source->settings = std::move(*settings);
  if (auto done = find_issuer(*source, found.origin, input.standpoint, region); !done)
    return done.error();
  for (const auto& url : source->issuer.urls)
    fields.add(url);
  fields.add(source->issuer.region).add(source->sso_oidc_url);
  take_origin(*source, std::move(found.origin), tokens, fields);
  source->place = std::move(found.place);
  source->profile = std::move(found.profile);
  source->fingerprint = key_.digest(fields.text());
  return AwsSourcePtr(std::move(source));
}

// Seals what is secret of it, and adds whom its token speaks for.
void AwsSources::take_origin(AwsSource& source,
                             KeyOrigin origin,
                             const Tokens& tokens,
                             FieldList& fields) const
{
  if (auto* keys = std::get_if<AwsKeys>(&origin)) {
    source.sealed_secret = seal_own_keys(key_, *keys);
    *keys = AwsKeys();
  } else if (auto* endpoint = std::get_if<ContainerEndpoint>(&origin)) {
    source.sealed_secret = seal_container_token(key_, endpoint->token);
    endpoint->token = Secret();
  } else if (const auto file = token_file_of(origin)) {
    if (const auto look = tokens.by_file.find(file->path); look != tokens.by_file.end()) {
      fields.add(look->second.subject.reveal());
      source.stamp = key_.digest(look->second.content.reveal());
    }
  }
  source.origin = std::move(origin);
}

} // namespace purser::aws
