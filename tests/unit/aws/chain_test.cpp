#include "daemon/programs/program.hpp"
#include "daemon/providers/aws/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser::aws {
namespace {
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view k_base = "[profile base]\naws_access_key_id=AKIABASE\n"
                                    "aws_secret_access_key=fake-secret\n";
constexpr std::string_view k_arn = "role_arn=arn:role/app\n";
constexpr std::string_view k_own = "aws_access_key_id=AKIAOWN\naws_secret_access_key=fake-secret\n";

struct Surroundings {
  std::optional<std::string> rule_profile;
  bool machine_counts = false;
  bool local = true;
  ChainTrace* trace = nullptr;
};

Result<FoundSource> find(const std::string& config,
                         std::string variables,
                         const Surroundings& surroundings = {},
                         std::string_view credentials = "")
{
  std::replace(variables.begin(), variables.end(), ';', '\0');
  const auto asker =
      std::make_shared<const Asker>(Environment(variables), "/cwd", surroundings.local);
  const auto standpoint = Standpoint::of_asker(asker, std::nullopt);
  auto shared = SharedFile::parse(config, SharedFile::Kind::config, "CONFIG");
  auto secrets = SharedFile::parse(credentials, SharedFile::Kind::credentials, "CREDENTIALS");
  if (!shared) return shared.error();
  const Profiles profiles(std::move(*shared), std::move(*secrets),
                          ProfilePaths("CONFIG", "CREDENTIALS"));
  const auto choice = choose_profile(surroundings.rule_profile, standpoint);
  return find_source(ChainInput{
      standpoint, profiles, choice, surroundings.machine_counts, {}, surroundings.trace});
}

std::string shown(const RoleRequest& role)
{
  std::string text = role.arn;
  if (!role.session_name.empty()) text += " session=" + role.session_name;
  if (!role.external_id.empty()) text += " external=" + role.external_id;
  if (role.duration != RoleRequest{}.duration) text += " " + std::to_string(role.duration.count());
  return text;
}

struct Show {
  std::string operator()(const AwsKeys& keys) const
  {
    const std::string token(keys.session_token.reveal());
    return "keys " + keys.access_key_id + (token.empty() ? "" : " token=" + token);
  }
  std::string operator()(const AssumedRole& assumed) const { return "role " + shown(assumed.role); }
  std::string operator()(const WebIdentity& identity) const
  {
    return "web " + shown(identity.role) + " " + identity.token_file;
  }
  // What rules name, and the chain never finds.
  std::string operator()(const JobIdentity& identity) const { return "job " + identity.url; }
  std::string operator()(const SentIdentity& identity) const { return "sent " + identity.variable; }
  std::string operator()(const LoginSession& session) const
  {
    return "login " + session.session + " " + session.token_file;
  }
  std::string operator()(const SsoSession& session) const
  {
    return "sso " + session.role_name + " in " + session.account_id + " of " + session.region;
  }
  std::string operator()(const CredentialProcess& process) const
  {
    std::string text = "program " + process.name + ":";
    ProgramParts parts;
    if (!take_apart(process.program.reveal(), parts)) return text + " broken";
    for (const auto word : parts.words)
      text += " <" + std::string(word) + ">";
    for (const auto entry : parts.environment)
      text += " " + std::string(entry);
    return text;
  }
  std::string operator()(const ContainerEndpoint& endpoint) const
  {
    std::string text = "container " + endpoint.url;
    if (!endpoint.token.empty()) text += " token=" + std::string(endpoint.token.reveal());
    if (!endpoint.token_file.empty()) text += " file=" + endpoint.token_file;
    return text;
  }
  std::string operator()(const InstanceMetadata& metadata) const
  {
    return "instance " + metadata.url;
  }
};

// `role ARN (profile "app") <- keys ID (profile "base")`
std::string shown(const FoundSource& found)
{
  std::string text = std::visit(Show{}, found.origin) + " (" + found.place + ")";
  if (found.base) text += " <- " + shown(*found.base);
  return text;
}

std::string shown(const Result<FoundSource>& found)
{
  if (found) return shown(*found);
  return "error " + std::string(to_string(found.error().code)) + ": " + found.error().what;
}

std::string app(std::string_view properties, std::string_view more = k_base)
{
  return "[profile app]\n" + std::string(properties) + std::string(more);
}
std::string as_app(const std::string& config, const std::string& variables = "")
{
  return shown(find(config, "AWS_PROFILE=app;" + variables));
}
std::string environment(const std::string& variables)
{
  return shown(find("", variables));
}

// Roles of profiles

TEST(Chain, ARoleIsAskedForWithTheKeysOfItsSource)
{
  EXPECT_EQ(as_app(app("role_arn=arn:role/app\nsource_profile=base\nrole_session_name=me\n"
                       "external_id=42/x\nduration_seconds=900\n")),
            "role arn:role/app session=me external=42/x 900 (profile \"app\") <- "
            "keys AKIABASE (profile \"base\")");
  const auto found = find(app("role_arn=a\nsource_profile=base\n"), "AWS_PROFILE=app");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->profile, "app");
  EXPECT_EQ(found->base->profile, "base");
}

TEST(Chain, RolesStandOnRoles)
{
  EXPECT_EQ(as_app(app("role_arn=arn:role/app\nsource_profile=middle\n",
                       "[profile middle]\nrole_arn=arn:role/middle\nsource_profile=base\n") +
                   std::string(k_base)),
            "role arn:role/app (profile \"app\") <- role arn:role/middle (profile \"middle\") <- "
            "keys AKIABASE (profile \"base\")");
}

TEST(Chain, ARoleMayStandOnASession)
{
  EXPECT_EQ(as_app(app("role_arn=a\nsource_profile=sso\n",
                       "[profile sso]\nsso_session=corp\nsso_account_id=123456789012\n"
                       "sso_role_name=Dev\n[sso-session corp]\nsso_region=eu-west-1\n"
                       "sso_start_url=https://corp.example/start\n"),
                   "HOME=/home/me"),
            "role a (profile \"app\") <- sso Dev in 123456789012 of eu-west-1 (profile \"sso\")");
}

TEST(Chain, APartOfASessionIsNoReasonToTakeOtherCredentials)
{
  constexpr std::string_view k_container = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/creds;HOME=/me";
  for (const auto* part :
       {"sso_account_id=123456789012\n", "sso_role_name=Dev\n",
        "sso_region=eu-west-1\nsso_account_id=123456789012\nsso_role_name=Dev\n"})
    EXPECT_EQ(as_app(app(part), std::string(k_container)),
              "error misconfigured: profile \"app\" uses SSO without sso_start_url: add it")
        << part;
  EXPECT_THAT(as_app(app("sso_region=eu-west-1\n"), std::string(k_container)),
              HasSubstr("container http://169.254.170.2/creds"));
}

TEST(Chain, ASessionOfALoginIsInTheFolderOfAll)
{
  const std::string config = app("login_session=arn:x  \n", "");
  EXPECT_THAT(as_app(config, "HOME=/home/me"), HasSubstr("login arn:x /home/me/.aws/login/cache/"));
  EXPECT_THAT(as_app(config, "HOME=/home/me;AWS_LOGIN_CACHE_DIRECTORY=~/l"),
              HasSubstr("login arn:x /home/me/l/"));
  EXPECT_THAT(as_app(config, "AWS_LOGIN_CACHE_DIRECTORY=/l"), HasSubstr("login arn:x /l/"));
  EXPECT_THAT(as_app(config), HasSubstr("HOME is not set"));
  EXPECT_THAT(as_app(app("login_session=a\ncredential_process=/bin/true\n", ""), "HOME=/h"),
              HasSubstr("login a"));
}

TEST(Chain, BothFilesMakeOneProfile)
{
  EXPECT_EQ(shown(find(app("role_arn=arn:role/app\nsource_profile=base\n", ""), "AWS_PROFILE=app",
                       {}, "[base]\naws_access_key_id=AKIAFILE\naws_secret_access_key=fake\n")),
            "role arn:role/app (profile \"app\") <- keys AKIAFILE (profile \"base\")");
}

TEST(Chain, AKeyOfTheCredentialsFileTakesNothingFromThatOfTheOther)
{
  const std::string config = app(std::string(k_own) + "aws_session_token=fake-token\n", "");
  const auto with = [&](std::string_view keys) {
    return shown(find(config, "AWS_PROFILE=app", {}, "[app]\n" + std::string(keys)));
  };
  EXPECT_EQ(with(""), "keys AKIAOWN token=fake-token (profile \"app\")");
  EXPECT_EQ(with("aws_access_key_id=AKIAFILE\naws_secret_access_key=fake\n"),
            "keys AKIAFILE (profile \"app\")");
  EXPECT_THAT(with("aws_access_key_id=AKIAFILE\n"), HasSubstr("no secret key"));
  EXPECT_EQ(with("aws_secret_access_key=fake\n"), with(""));
}

TEST(Chain, OwnKeysBesideARoleAreItsSourceOnlyWhereItNamesItself)
{
  const std::string own = std::string(k_arn) + std::string(k_own);
  EXPECT_EQ(as_app(app(own + "source_profile=base\n")),
            "role arn:role/app (profile \"app\") <- keys AKIABASE (profile \"base\")");
  EXPECT_EQ(as_app(app(own + "source_profile=app\n")),
            "role arn:role/app (profile \"app\") <- keys AKIAOWN (profile \"app\")");
  EXPECT_THAT(as_app(app(std::string(k_arn) + "source_profile=app\n")),
              HasSubstr("error misconfigured: profile \"app\" names itself as its source_profile "
                        "and has no access keys"));
  EXPECT_THAT(as_app(app(std::string(k_arn) + "source_profile=app\naws_access_key_id=AKIAOWN\n")),
              HasSubstr("no secret key"));
  EXPECT_THAT(as_app(app(own)), HasSubstr("has role_arn alone"));
}

TEST(Chain, OwnKeysOfALaterProfileEndTheWay)
{
  const std::string own = std::string(k_own) + "role_arn=arn:role/middle\n";
  const std::string to_middle = std::string(k_arn) + "source_profile=middle\n[profile middle]\n";
  constexpr std::string_view k_expected =
      "role arn:role/app (profile \"app\") <- keys AKIAOWN (profile \"middle\")";
  EXPECT_EQ(as_app(app(to_middle + own + "source_profile=base\n")), k_expected);
  EXPECT_EQ(as_app(app(to_middle + own + "source_profile=middle\n")), k_expected);
  EXPECT_EQ(as_app(app(to_middle + own + "source_profile=app\n")), k_expected);
  EXPECT_EQ(as_app(app(to_middle + own + "mfa_serial=arn:mfa\nsource_profile=base\n")), k_expected);
  EXPECT_THAT(as_app(app(to_middle + "aws_secret_access_key=fake-secret\n" +
                         "role_arn=arn:role/middle\nsource_profile=base\n")),
              HasSubstr("profile \"middle\" has an AWS secret key but no access key id"));
}

TEST(Chain, TheEnvironmentCompletesNoProfile)
{
  const auto config =
      app("role_arn=a\nsource_profile=base\n", "[profile base]\naws_access_key_id=AKIABASE\n");
  Surroundings rule;
  rule.rule_profile = "app";
  EXPECT_THAT(shown(find(config, "AWS_ACCESS_KEY_ID=AKIAENV;AWS_SECRET_ACCESS_KEY=fake", rule)),
              HasSubstr("profile \"base\" has an AWS access key id but no secret key"));
}

TEST(Chain, CirclesAreShown)
{
  EXPECT_THAT(as_app("[profile app]\nrole_arn=a\nsource_profile=b\n"
                     "[profile b]\nrole_arn=b\nsource_profile=c\n"
                     "[profile c]\nrole_arn=c\nsource_profile=app\n"),
              HasSubstr("error misconfigured: profile \"c\" leads in a circle: profile \"app\" -> "
                        "profile \"b\" -> profile \"c\" -> profile \"app\""));
  EXPECT_THAT(as_app("[profile app]\nrole_arn=a\nsource_profile=b\n"
                     "[profile b]\nrole_arn=b\nsource_profile=c\n"
                     "[profile c]\nrole_arn=c\nsource_profile=b\n"),
              HasSubstr("profile \"c\" leads in a circle"));
  EXPECT_THAT(as_app("[profile app]\nrole_arn=a\nsource_profile=b\n"
                     "[profile b]\nrole_arn=b\nsource_profile=b\n"),
              HasSubstr("profile \"b\" names itself"));
}

std::string row_of_profiles(int count)
{
  std::string config;
  for (int i = 0; i < count; ++i)
    config += "[profile " + (i == 0 ? "app" : "p" + std::to_string(i)) + "]\n" +
              (i + 1 == count ? std::string(k_own)
                              : "role_arn=r" + std::to_string(i) + "\nsource_profile=p" +
                                    std::to_string(i + 1) + "\n");
  return config;
}

TEST(Chain, SixteenProfilesInARowAreEnough)
{
  EXPECT_THAT(as_app(row_of_profiles(16)), HasSubstr("<- keys AKIAOWN (profile \"p15\")"));
  EXPECT_THAT(as_app(row_of_profiles(17)),
              HasSubstr("error misconfigured: profile \"p16\" stands behind more source_profiles"));
}

TEST(Chain, BrokenRolesAreErrors)
{
  const std::vector<std::pair<std::string, std::string>> table{
      {"role_arn=a\n", "misconfigured: profile \"app\" has role_arn alone"},
      {"role_arn=a\nsource_profile=base\ncredential_source=Environment\n",
       "misconfigured: profile \"app\" has both source_profile and credential_source"},
      {"role_arn=a\nsource_profile=gone\n",
       "misconfigured: profile \"app\" names profile \"gone\" as its source_profile, which is not "
       "there (searched: CONFIG and CREDENTIALS)"},
      {"role_arn=a\nsource_profile=empty\n[profile empty]\nregion=eu-west-1\n",
       "misconfigured: profile \"app\" names profile \"empty\" as its source_profile, which holds "
       "no credentials"},
      {"role_arn=a\nsource_profile=tool\n[profile tool]\ncredential_process='x\n",
       "misconfigured: profile \"tool\" has a credential_process that has a quotation mark"},
      {"role_arn=a\nsource_profile=base\nmfa_serial=arn:mfa\n",
       "interaction_required: profile \"app\" wants a code of a second factor (mfa_serial)"},
      {"role_arn=a\nsource_profile=m\n[profile m]\nrole_arn=b\nsource_profile=base\nmfa_serial=x\n",
       "interaction_required: profile \"m\" wants a code"},
      {"role_arn=a\ncredential_source=Elsewhere\n",
       "misconfigured: profile \"app\" has a credential_source that is none of"},
      {"role_arn=a\ncredential_source=Environment\n",
       "misconfigured: profile \"app\" has the credential_source Environment, where there are no"},
      {"role_arn=a\ncredential_source=EcsContainer\n",
       "misconfigured: profile \"app\" has the credential_source EcsContainer, where there are no"},
      {"web_identity_token_file=/token\n",
       "misconfigured: profile \"app\" has web_identity_token_file without role_arn"},
      {"role_arn=a\nweb_identity_token_file=~/token\n",
       "misconfigured: web_identity_token_file of profile \"app\" names a file in the home folder"},
  };
  for (const auto& [properties, expected] : table)
    EXPECT_THAT(as_app(app(properties)), HasSubstr("error " + expected)) << properties;
}

// Programs

TEST(Chain, AProgramIsRunWithItsWordsAndTheVariablesThatMayDecide)
{
  EXPECT_EQ(as_app(app("credential_process=/opt/mint --for 'a b'\n", ""),
                   "HOME=/h;AWS_REGION=eu-west-1;AWS_SECRET_ACCESS_KEY=;AWS_SESSION_TOKEN=fake;"
                   "GITHUB_TOKEN=fake;HTTPS_PROXY=http://proxy;XDG_SESSION_ID=7"),
            "program mint: </opt/mint> <--for> <a b> AWS_PROFILE=app AWS_REGION=eu-west-1 HOME=/h "
            "HTTPS_PROXY=http://proxy (profile \"app\")");
  EXPECT_EQ(
      as_app(app("role_arn=a\nsource_profile=tool\n[profile tool]\ncredential_process=x y\n")),
      "role a (profile \"app\") <- program x: <x> <y> AWS_PROFILE=app (profile \"tool\")");
}

TEST(Chain, AProgramComesAfterAllElseThatAProfileNames)
{
  EXPECT_THAT(as_app(app("credential_process=x\n" + std::string(k_own))),
              HasSubstr("keys AKIAOWN"));
  EXPECT_THAT(as_app(app("credential_process=x\nsso_region=eu-west-1\nsso_start_url=https://x\n"
                         "sso_account_id=1\nsso_role_name=r\n"),
                     "HOME=/h"),
              HasSubstr("sso r in 1"));
}

TEST(Chain, AProgramWithoutAWholePathIsLookedForNowhereElse)
{
  for (const std::string command : {"./mint", "~/mint", "bin/mint", "''", "'' x"})
    EXPECT_THAT(as_app(app("credential_process=" + command + "\n")),
                HasSubstr("misconfigured: profile \"app\" has a credential_process that does not "
                          "begin with the whole path of a program"))
        << command;
}

TEST(Chain, AnErrorAboutAProgramQuotesNothingOfIt)
{
  EXPECT_THAT(as_app(app("credential_process=./mint --password fake-secret\n")),
              Not(HasSubstr("fake-secret")));
}

TEST(Chain, WhatTheRuleSaysGoesToTheProgram)
{
  const auto asker = std::make_shared<const Asker>(Environment("AWS_PROFILE=app"), "/cwd", true);
  const auto standpoint = Standpoint::of_asker(asker, std::nullopt);
  auto config = SharedFile::parse("[profile app]\ncredential_process=mint\n",
                                  SharedFile::Kind::config, "CONFIG");
  const Profiles profiles(std::move(*config), {}, ProfilePaths("CONFIG", ""));
  const auto choice = choose_profile(std::nullopt, standpoint);
  ChainInput input{standpoint, profiles, choice};
  input.environment = {"PATH=/opt/bin", "AWS_PROFILE=other"};
  EXPECT_EQ(shown(find_source(input)),
            "program mint: <mint> AWS_PROFILE=other PATH=/opt/bin (profile \"app\")");
}

TEST(Chain, NoProgramIsTakenFromAFileThatOthersCanWrite)
{
  const auto asker = std::make_shared<const Asker>(Environment("AWS_PROFILE=app"), "/cwd", true);
  const auto standpoint = Standpoint::of_asker(asker, std::nullopt);
  auto config = SharedFile::parse("[profile app]\ncredential_process=mint\n",
                                  SharedFile::Kind::config, "CONFIG");
  const Profiles profiles(std::move(*config), {}, ProfilePaths("CONFIG", ""), "CONFIG");
  const auto choice = choose_profile(std::nullopt, standpoint);
  EXPECT_THAT(shown(find_source(ChainInput{standpoint, profiles, choice})),
              HasSubstr("others than its owner can write CONFIG: run: chmod go-w CONFIG"));
}

TEST(Chain, ADurationIsWhatIamAllows)
{
  const auto with = [](const std::string& text) {
    return as_app(app("role_arn=a\nsource_profile=base\nduration_seconds=" + text + "\n"));
  };
  EXPECT_THAT(with("900"), HasSubstr("role a 900 (profile"));
  EXPECT_THAT(with("43200"), HasSubstr("role a 43200 (profile"));
  EXPECT_THAT(with(""), HasSubstr("role a (profile"));
  for (const auto* text : {"899", "43201", "0", "-900", "+900", "900s", "900.5", "1h", "0x384",
                           "99999999999999999999"})
    EXPECT_THAT(with(text), HasSubstr("error misconfigured: profile \"app\" has a duration_seconds "
                                      "that is not from 900 to 43200"))
        << text;
}

TEST(Chain, ACredentialSourceIsReadInAnyCase)
{
  const std::vector<std::pair<std::string, std::string>> table{
      {"Environment", "keys AKIAENV (the environment)"},
      {"ENVIRONMENT", "keys AKIAENV (the environment)"},
      {"EcsContainer", "container http://169.254.170.2/creds (the container)"},
      {"ecscontainer", "container http://169.254.170.2/creds (the container)"},
      {"Ec2InstanceMetadata", "instance http://169.254.169.254 (the EC2 instance)"},
      {"eC2iNSTANCEmETADATA", "instance http://169.254.169.254 (the EC2 instance)"},
  };
  Surroundings rule;
  rule.rule_profile = "app";
  for (const auto& [source, expected] : table)
    EXPECT_EQ(shown(find(app("role_arn=a\ncredential_source=" + source + "\n"),
                         "AWS_ACCESS_KEY_ID=AKIAENV;AWS_SECRET_ACCESS_KEY=fake;"
                         "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/creds",
                         rule)),
              "role a (profile \"app\") <- " + expected);
}

// Web identities

TEST(Chain, AWebIdentityStandsInAProfileOrTheEnvironment)
{
  constexpr std::string_view k_in_profile =
      "role_arn=arn:role/app\nweb_identity_token_file=token\nrole_session_name=me\n";
  EXPECT_EQ(as_app(app(k_in_profile)), "web arn:role/app session=me /cwd/token (profile \"app\")");
  EXPECT_EQ(as_app(app("role_arn=a\nsource_profile=web\n",
                       "[profile web]\nrole_arn=w\nweb_identity_token_file=/token\n")),
            "role a (profile \"app\") <- web w /token (profile \"web\")");
  EXPECT_EQ(as_app(app("role_arn=a\nweb_identity_token_file=/t\nsource_profile=base\n")),
            "role a (profile \"app\") <- keys AKIABASE (profile \"base\")");
  EXPECT_EQ(environment("AWS_WEB_IDENTITY_TOKEN_FILE=~/token;AWS_ROLE_ARN=arn:role/pod;"
                        "AWS_ROLE_SESSION_NAME=me;HOME=/home/me"),
            "web arn:role/pod session=me /home/me/token (the web identity in the environment)");
  EXPECT_THAT(environment("AWS_WEB_IDENTITY_TOKEN_FILE=/token"),
              HasSubstr("error misconfigured: AWS_WEB_IDENTITY_TOKEN_FILE is set without "
                        "AWS_ROLE_ARN"));
  EXPECT_THAT(environment("AWS_WEB_IDENTITY_TOKEN_FILE=/token;AWS_ROLE_ARN= "),
              HasSubstr("without AWS_ROLE_ARN"));
  EXPECT_THAT(environment("AWS_ROLE_ARN=arn:role/pod"), HasSubstr("error not_configured"));
}

TEST(Chain, AFileOfAnotherMountNamespaceIsNotOurs)
{
  Surroundings foreign;
  foreign.local = false;
  EXPECT_THAT(shown(find("", "AWS_WEB_IDENTITY_TOKEN_FILE=/token;AWS_ROLE_ARN=a", foreign)),
              HasSubstr("error not_configured"));
  EXPECT_EQ(shown(find("",
                       "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c;"
                       "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/etc/shadow;"
                       "AWS_CONTAINER_AUTHORIZATION_TOKEN=fake",
                       foreign)),
            "container http://169.254.170.2/c token=fake (the container)");
}

// The order

TEST(Chain, TheFirstSourceThatIsConfiguredIsTaken)
{
  const std::string keys = "AWS_ACCESS_KEY_ID=AKIAENV;AWS_SECRET_ACCESS_KEY=fake;";
  const std::string web = "AWS_WEB_IDENTITY_TOKEN_FILE=/token;AWS_ROLE_ARN=arn:role/pod;";
  const std::string base = "AWS_PROFILE=base;";
  const std::string container = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c;";
  const std::string config(k_base);
  Surroundings machine;
  machine.machine_counts = true;
  Surroundings rule = machine;
  rule.rule_profile = "base";
  const auto found = [&](const std::string& variables, const Surroundings& around) {
    const auto text = shown(find(config, variables, around));
    return text.substr(0, text.find(' ', text.find(' ') + 1));
  };
  EXPECT_EQ(found(keys + web + container, rule), "keys AKIABASE");
  EXPECT_EQ(found(keys + web + base + container, machine), "keys AKIAENV");
  EXPECT_EQ(found(web + base + container, machine), "web arn:role/pod");
  EXPECT_EQ(found(base + container, machine), "keys AKIABASE");
  EXPECT_EQ(found(container, machine), "container http://169.254.170.2/c");
  EXPECT_EQ(found("", machine), "instance http://169.254.169.254");
  EXPECT_EQ(found("", Surroundings{}), "error not_configured:");
}

TEST(Chain, ABrokenSourceIsNotPassedOver)
{
  const std::string fine = "AWS_PROFILE=base;AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c;";
  const std::string config(k_base);
  EXPECT_THAT(shown(find(config, fine + "AWS_ACCESS_KEY_ID=AKIAENV")),
              HasSubstr("the environment has an AWS access key id but no secret key"));
  EXPECT_THAT(shown(find(config, fine + "AWS_WEB_IDENTITY_TOKEN_FILE=/t")),
              HasSubstr("without AWS_ROLE_ARN"));
  EXPECT_THAT(shown(find(config, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c;AWS_PROFILE=gone")),
              HasSubstr("AWS_PROFILE names profile \"gone\", which is not there"));
}

// Containers

TEST(Chain, AContainersEndpointIsAskedWhereItMayBe)
{
  const std::string full = "AWS_CONTAINER_CREDENTIALS_FULL_URI=";
  for (const std::string url :
       {"http://127.0.0.1:8080/creds?x=1", "http://127.9.9.9/c", "http://[::1]:8080/c",
        "http://localhost/c", "http://LocalHost:1/c", "http://169.254.170.2/c",
        "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials",
        "http://[FD00:EC2:0::0023]/c", "https://creds.example/c", "https://10.0.0.1/c"})
    EXPECT_EQ(environment(full + url), "container " + url + " (the container)");
  EXPECT_EQ(environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/x?id=1;" + full + "http://x"),
            "container http://169.254.170.2/v2/x?id=1 (the container)");
  EXPECT_EQ(environment(full + "https://a.example/;AWS_CONTAINER_AUTHORIZATION_TOKEN=fake"),
            "container https://a.example/ token=fake (the container)");
  EXPECT_EQ(environment(full + "https://a.example/;AWS_CONTAINER_AUTHORIZATION_TOKEN=fake;"
                               "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token"),
            "container https://a.example/ file=/cwd/token (the container)");
}

TEST(Chain, OtherHostsAreNotAskedWithoutTls)
{
  const std::string full = "AWS_CONTAINER_CREDENTIALS_FULL_URI=";
  for (const std::string url :
       {"http://evil.example/c", "http://169.254.170.2.evil.example/c", "http://169.254.170.20/c",
        "http://169.254.170.3/c", "http://169.254.169.254/c", "http://10.0.0.1/c",
        "http://0.0.0.0/c", "http://128.0.0.1/c", "http://[::]/c", "http://[::2]/c",
        "http://[fd00:ec2::254]/c", "http://[fd00:ec2::23:0]/c", "http://[::ffff:169.254.170.2]/c",
        "http://localhost.evil.example/c", "http://evil-localhost/c",
        "http://127.0.0.1.evil.example/c"}) {
    const auto text = environment(full + url);
    EXPECT_THAT(text, HasSubstr("error misconfigured: AWS_CONTAINER_CREDENTIALS_FULL_URI names "))
        << url;
    EXPECT_THAT(text, HasSubstr("over https only")) << url;
  }
}

TEST(Chain, UrlsThatReadersDisagreeAboutAreRefused)
{
  const std::string full = "AWS_CONTAINER_CREDENTIALS_FULL_URI=";
  for (const std::string url :
       {"http://127.0.0.1@evil.example/c", "http://127.0.0.1:80@evil.example/c",
        "http://127.0.0.1\\@evil.example/c", "http://evil.example#@127.0.0.1/c", "http://127.1/c",
        "http://2130706433/c", "http://0x7f000001/c", "http://127.0.0.01/c", "http://[::1/c",
        "http://[fe80::1%25lo]/c", "http:///c", "http:/127.0.0.1/c", "http://127.0.0.1:0/c",
        "http://127.0.0.1:99999/c", "ftp://127.0.0.1/c", "file:///etc/passwd", "127.0.0.1/c",
        "http://127.0.0.1/a b", "http://%6cocalhost/c"}) {
    const auto text = environment(full + url + ";AWS_EC2_METADATA_DISABLED=false");
    EXPECT_THAT(text, HasSubstr("error misconfigured: AWS_CONTAINER_CREDENTIALS_FULL_URI: cannot "
                                "use a URL: "))
        << url;
    EXPECT_THAT(text, Not(HasSubstr("evil"))) << url;
  }
  for (const std::string path : {"creds", "@evil.example/", ".evil.example/", ":8080/c"})
    EXPECT_THAT(environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=" + path),
                HasSubstr("error misconfigured: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not "
                          "begin with /"))
        << path;
  EXPECT_EQ(environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=//evil.example/@x"),
            "container http://169.254.170.2//evil.example/@x (the container)");
}

// Instances

TEST(Chain, TheMetadataServiceIsFoundByNameModeOrItself)
{
  const std::string endpoint = "AWS_EC2_METADATA_SERVICE_ENDPOINT=";
  const std::string mode = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=";
  const std::string ipv4 = "instance http://169.254.169.254 (the EC2 instance)";
  const std::string ipv6 = "instance http://[fd00:ec2::254] (the EC2 instance)";
  Surroundings machine;
  machine.machine_counts = true;
  const auto found = [&machine](const std::string& variables, std::string_view config = "") {
    return shown(find(std::string(config), variables, machine));
  };
  EXPECT_EQ(found(""), ipv4);
  for (const std::string text : {"IPv4", "ipv4", "IPV4"})
    EXPECT_EQ(found(mode + text), ipv4) << text;
  for (const std::string text : {"IPv6", "ipv6", "IPV6"})
    EXPECT_EQ(found(mode + text), ipv6) << text;
  EXPECT_THAT(found(mode + "both"), HasSubstr("is neither IPv4 nor IPv6"));
  EXPECT_EQ(found(endpoint + "http://127.0.0.1:1338/;" + mode + "both"),
            "instance http://127.0.0.1:1338 (the EC2 instance)");
  EXPECT_THAT(found(endpoint + "127.0.0.1:1338"),
              HasSubstr("error misconfigured: AWS_EC2_METADATA_SERVICE_ENDPOINT: cannot use"));

  EXPECT_EQ(found("", "[default]\nec2_metadata_service_endpoint_mode=ipv6\n"), ipv6);
  EXPECT_EQ(found("", "[default]\nec2_metadata_service_endpoint=http://10.0.0.1\n"),
            "instance http://10.0.0.1 (the EC2 instance)");
  EXPECT_EQ(found(endpoint + "http://10.0.0.2",
                  "[default]\nec2_metadata_service_endpoint=http://10.0.0.1\n"),
            "instance http://10.0.0.2 (the EC2 instance)");
}

TEST(Chain, TheMachineCountsWhereItIsOursOrIsNamed)
{
  EXPECT_THAT(environment(""), HasSubstr("error not_configured"));
  EXPECT_THAT(environment("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=both"),
              HasSubstr("error not_configured"));
  EXPECT_EQ(environment("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338"),
            "instance http://127.0.0.1:1338 (the EC2 instance)");
}

TEST(Chain, ADisabledMetadataServiceIsNotAsked)
{
  Surroundings machine;
  machine.machine_counts = true;
  const std::string disabled = "AWS_EC2_METADATA_DISABLED=";
  for (const std::string text : {"true", "True", "TRUE"})
    EXPECT_THAT(shown(find("", disabled + text, machine)), HasSubstr("error not_configured"));
  for (const std::string text : {"false", "", "FALSE"})
    EXPECT_THAT(shown(find("", disabled + text, machine)), HasSubstr("instance http://169"));
  EXPECT_THAT(shown(find("", disabled + "maybe", machine)),
              HasSubstr("error misconfigured: AWS_EC2_METADATA_DISABLED"));
  EXPECT_THAT(as_app(app("role_arn=a\ncredential_source=Ec2InstanceMetadata\n"), disabled + "true"),
              HasSubstr("has the credential_source Ec2InstanceMetadata, where there are no"));
}

// What is told to who asks why

// `source: outcome (why)`, a line each.
std::string told(const std::string& config, const std::string& variables, Surroundings around = {})
{
  ChainTrace trace;
  around.trace = &trace;
  (void)find(config, variables, around);
  constexpr std::array<const char*, 4> k_outcomes{"absent", "used", "failed", "not asked"};
  std::string text;
  for (const ChainStep& step : trace.steps) {
    text += std::string(step.source) + ": " + k_outcomes.at(static_cast<std::size_t>(step.outcome));
    text += step.why.empty() ? "\n" : " (" + step.why + ")\n";
  }
  return text;
}

TEST(ChainTrace, TellsWhatIsNotThereUntilASourceIsUsed)
{
  EXPECT_EQ(told(std::string(k_base), "AWS_PROFILE=base"),
            "the rule's profile: absent (no rule names a profile)\n"
            "keys in the environment: absent (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not "
            "set)\n"
            "web identity in the environment: absent (AWS_WEB_IDENTITY_TOKEN_FILE is not set)\n"
            "the shared files: used (the access keys of profile \"base\")\n"
            "the container's endpoint: not asked\n"
            "EC2's metadata service: not asked\n");
}

TEST(ChainTrace, TellsOfEverySourceWhereNoneIsThere)
{
  const auto text = told("", "");
  EXPECT_THAT(text, HasSubstr("the shared files: absent (AWS_PROFILE is not set, and profile "
                              "\"default\" is not there (searched: CONFIG and CREDENTIALS))\n"));
  EXPECT_THAT(text, HasSubstr("the container's endpoint: absent "
                              "(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
                              "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set)\n"));
  EXPECT_THAT(text, HasSubstr("EC2's metadata service: absent (not asked where anonymous use is "));
  EXPECT_THAT(told("[default]\nregion=eu-west-1\n", ""),
              HasSubstr("the shared files: absent (profile \"default\" holds no credentials)\n"));
  EXPECT_THAT(told("", "AWS_EC2_METADATA_DISABLED=true;AWS_EC2_METADATA_SERVICE_ENDPOINT=http://x"),
              HasSubstr("EC2's metadata service: absent (AWS_EC2_METADATA_DISABLED is set)\n"));
}

TEST(ChainTrace, TellsWhichSourceFails)
{
  const auto text = told("", "AWS_ACCESS_KEY_ID=AKIAENV");
  EXPECT_THAT(text, HasSubstr("keys in the environment: failed (the environment has an AWS access "
                              "key id but no secret key: add it)\n"
                              "web identity in the environment: not asked\n"));
  EXPECT_THAT(told("", "AWS_PROFILE=gone"), HasSubstr("the shared files: failed (AWS_PROFILE names "
                                                      "profile \"gone\", which is not there"));
}

TEST(ChainTrace, TellsWhatRolesAreMadeOfAndNothingTwice)
{
  EXPECT_THAT(told(app("role_arn=arn:role/app\nsource_profile=base\n"), "AWS_PROFILE=app"),
              HasSubstr("the shared files: used (the role arn:role/app (profile \"app\"))\n"));
  const auto text = told(app("role_arn=a\ncredential_source=Environment\n"), "AWS_PROFILE=app");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6) << text;
  EXPECT_THAT(text, HasSubstr("the shared files: failed (profile \"app\" has the "
                              "credential_source Environment, where there are no credentials)"));
}

TEST(ChainTrace, TellsAForeignerThatItsFilesDoNotCount)
{
  Surroundings foreign;
  foreign.local = false;
  const auto text =
      told("", "AWS_WEB_IDENTITY_TOKEN_FILE=/token;AWS_ROLE_ARN=a;AWS_PROFILE=", foreign);
  EXPECT_THAT(text, HasSubstr("web identity in the environment: absent (files count only for "));
  EXPECT_THAT(text, HasSubstr("the shared files: absent (files count only for "));
}

TEST(ChainTrace, TellsNoSecretNorTheRestOfAnAddress)
{
  const auto text =
      told("", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/fake-secret?id=fake-secret;"
               "AWS_CONTAINER_AUTHORIZATION_TOKEN=fake-secret");
  EXPECT_THAT(text, HasSubstr("used (the container's credentials at 169.254.170.2)\n"));
  EXPECT_THAT(text, Not(HasSubstr("fake-secret")));
  EXPECT_THAT(told("", "AWS_ACCESS_KEY_ID=AKIAENV;AWS_SECRET_ACCESS_KEY=fake-secret"),
              AllOf(HasSubstr("used (the access keys of the environment)\n"),
                    Not(HasSubstr("fake-secret")), Not(HasSubstr("AKIAENV"))));
}

} // namespace
} // namespace purser::aws
