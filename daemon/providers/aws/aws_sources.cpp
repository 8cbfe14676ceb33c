#include "daemon/providers/aws/aws_sources.hpp"

#include "daemon/providers/aws/configured_endpoint.hpp"
#include "daemon/providers/aws/issuer_endpoint.hpp"
#include "daemon/providers/aws/keys/jwt.hpp"
#include "daemon/providers/aws/keys/key_ring.hpp"
#include "daemon/providers/aws/keys/login_token.hpp"
#include "daemon/providers/aws/keys/sso_token.hpp"
#include "daemon/providers/aws/keys/token_file.hpp"
#include "daemon/providers/aws/origin_digest.hpp"
#include "daemon/providers/aws/program_environment.hpp"
#include "daemon/providers/aws/sources/source.hpp"
#include "daemon/providers/file_limit.hpp"

#include <string_view>
#include <utility>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t k_max_kept = 4096;
constexpr Duration k_max_age = 10s;

// Whether a source may be made of it; the names of files and profiles are among them.
bool decides(std::string_view name)
{
  return name.starts_with("AWS_") || is_for_programs(name);
}

Result<std::string>
path_or(const Standpoint& standpoint, std::string_view variable, std::string_view in_home)
{
  auto named = standpoint.path(variable);
  if (!named) return named.error();
  return *named ? std::move(**named) : standpoint.in_home(in_home);
}

// What the rule names, or the chain finds, or the role that is assumed with what it finds.
Result<FoundSource> find_source_for(const ChainInput& input, const AwsSources::Question& question)
{
  if (question.web_identity) {
    auto shown = sources::rule_web_identity(input.standpoint, question.role.value_or(RoleRequest{}),
                                            *question.web_identity);
    if (input.trace != nullptr) tell(*input.trace, "the rule's web identity", shown);
    return shown;
  }
  auto found = find_source(input);
  if (!found || !question.role) return found;
  FoundSource assumed(AssumedRole{*question.role}, "the role " + question.role->arn, std::nullopt);
  assumed.base = std::make_unique<FoundSource>(std::move(*found));
  return assumed;
}

// What a rule names for it, and what that is in the request.
void add_web_identity(FieldList& fields, const WebIdentityRule& rule, const Standpoint& standpoint)
{
  fields.add("web identity").add(std::to_string(static_cast<int>(rule.from)));
  fields.add(rule.name).add(rule.audience);
  for (const auto& variable : sources::variables_of(rule))
    fields.add(standpoint.get(variable).value_or(""));
}

// The secret of an origin, taken out of it.
Secret take_secret(KeyOrigin& origin)
{
  if (auto* endpoint = std::get_if<ContainerEndpoint>(&origin))
    return std::exchange(endpoint->token, Secret());
  if (auto* identity = std::get_if<JobIdentity>(&origin))
    return std::exchange(identity->request_token, Secret());
  if (auto* identity = std::get_if<SentIdentity>(&origin))
    return std::exchange(identity->token, Secret());
  if (auto* process = std::get_if<CredentialProcess>(&origin))
    return std::exchange(process->program, Secret());
  return {};
}

// The file with a token that an origin needs.
std::optional<TokenFile> token_file_of(const KeyOrigin& origin)
{
  if (const auto* identity = std::get_if<WebIdentity>(&origin))
    return TokenFile{identity->token_file, TokenFile::Kind::web_identity};
  if (const auto* session = std::get_if<SsoSession>(&origin))
    return TokenFile{session->token_file, TokenFile::Kind::sso};
  if (const auto* session = std::get_if<LoginSession>(&origin))
    return TokenFile{session->token_file, TokenFile::Kind::login};
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
  if (file.kind == TokenFile::Kind::sso) { // whose errors are said when it is needed
    const auto token = read_sso_token(file.path);
    if (token && *token) look.content = (*token)->access_token.clone();
    return look;
  }
  if (file.kind == TokenFile::Kind::login) { // as well
    const auto token = read_login_token(file.path);
    if (token && *token) look.content = (*token)->refresh_token.clone();
    return look;
  }
  auto token = read_token_file(file.path);
  if (!token) return token.error();
  look.subject = subject_of(token->reveal());
  look.content = std::move(*token);
  return look;
}

// Which service issues the keys, other than the portal of SSO; null where none of AWS's does.
const Service* issuing_service(const KeyOrigin& origin)
{
  if (std::holds_alternative<LoginSession>(origin)) return &k_signin;
  const bool of_sts =
      std::holds_alternative<AssumedRole>(origin) || web_identity_role(origin) != nullptr;
  return of_sts ? &k_sts : nullptr;
}

// Where whoever issues the keys is asked, if somebody does.
Result<> find_issuer(AwsSource& source,
                     const KeyOrigin& origin,
                     const Standpoint& standpoint,
                     const std::string& region_of_registry)
{
  if (const Service* const service = issuing_service(origin)) {
    auto issuer = choose_issuer(*service, source.settings, standpoint, region_of_registry);
    if (!issuer) return issuer.error();
    source.issuer = std::move(*issuer);
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
    const ChainInput input{standpoint,           none,          choice, question.machine_counts,
                           question.environment, question.trace};
    auto found = find_source_for(input, question);
    if (!found) co_return found.error();
    const Tokens none_read;
    co_return complete(std::move(*found), input, none_read, question.region);
  }
  auto paths = find_paths(standpoint);
  if (!paths) co_return paths.error();
  const std::string asked = digest(question, choice, *paths);
  if (question.kept_as != nullptr) *question.kept_as = asked;
  if (question.trace == nullptr)
    if (auto source = recall(asked)) co_return source;

  const std::string name = paths->config;
  const auto snapshot = co_await within_file_limit(clock_, name, files_.read(std::move(*paths)));
  if (!snapshot) co_return snapshot.error();
  const ChainInput input{
      standpoint,           (*snapshot)->profiles, choice, question.machine_counts,
      question.environment, question.trace};
  auto found = find_source_for(input, question);
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

AwsSourcePtr AwsSources::recall(const std::string& kept_as)
{
  Kept* kept = kept_.find(kept_as, clock_.now());
  if (kept == nullptr) return nullptr;
  const auto watch = kept->watch.lock();
  const bool same = watch != nullptr && !watch->changed();
  if (same && (kept->tokens == nullptr || !kept->tokens->changed())) return kept->source;
  kept_.erase(kept_as);
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
  if (question.web_identity) add_web_identity(fields, *question.web_identity, question.standpoint);
  question.standpoint.visit([&fields](std::string_view name, std::string_view value) {
    if (decides(name)) fields.add(name).add(value);
  });
  fields.add(std::to_string(question.environment.size()));
  for (const auto& entry : question.environment)
    fields.add(entry);
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
  add_origin(fields.add("aws source"), found.origin);
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
  if (const auto* sent = std::get_if<SentIdentity>(&origin)) {
    source.stamp = key_.digest(sent->token.reveal());
    source.token_end = end_of(sent->token.reveal());
  }
  if (auto* keys = std::get_if<AwsKeys>(&origin)) {
    source.sealed_secret = seal_own_keys(key_, *keys);
    *keys = AwsKeys();
  } else if (const auto secret = take_secret(origin); !secret.empty()) {
    source.sealed_secret = seal_means(key_, secret);
  } else if (const auto file = token_file_of(origin)) {
    if (const auto look = tokens.by_file.find(file->path); look != tokens.by_file.end()) {
      fields.add(look->second.subject.reveal());
      source.stamp = key_.digest(look->second.content.reveal());
    }
  }
  source.origin = std::move(origin);
}

} // namespace purser::aws
