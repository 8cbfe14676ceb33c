#pragma once

#include "common/secret.hpp"
#include "daemon/providers/aws/aws_keys.hpp"

#include <chrono>
#include <string>
#include <variant>

namespace purser::aws {

// A role, as STS is asked for it.
struct RoleRequest {
  std::string arn;
  std::string session_name; // empty: one of ours
  std::string external_id;  // empty: none
  std::chrono::seconds duration{3600};
};

// sts:AssumeRole with the keys of another source.
struct AssumedRole {
  RoleRequest role;
};

// sts:AssumeRoleWithWebIdentity with the token in a file.
struct WebIdentity {
  RoleRequest role;
  std::string token_file; // absolute
};

// The same with a token that an endpoint issues to a CI job: GitHub Actions, Forgejo, Gitea.
struct JobIdentity {
  RoleRequest role;
  std::string url;
  std::string audience;
  Secret request_token; // for the endpoint
};

// The same with a token that came with the request.
struct SentIdentity {
  RoleRequest role;
  std::string variable;
  Secret token;
  bool by_stranger = false; // who shares no files with us
};

// The endpoint of ECS, EKS Pod Identity and others. At most one of the tokens is there.
struct ContainerEndpoint {
  std::string url;
  std::string token_file; // absolute
  Secret token;
};

// The metadata service of an EC2 instance, version 2.
struct InstanceMetadata {
  std::string url; // without a slash at its end
};

// A session of IAM Identity Center (SSO), which the aws command began.
struct SsoSession {
  std::string token_file; // absolute
  std::string account_id;
  std::string role_name;
  std::string region;     // of IAM Identity Center
  bool renewable = false; // of a sso-session: the older form has nothing to renew it with
  std::string profile;    // to log in with
};

// A session of `aws login`.
struct LoginSession {
  std::string token_file; // absolute
  std::string session;    // its name, an ARN
  std::string profile;    // to log in with
};

// The standard output of a program (credential_process).
struct CredentialProcess {
  std::string name; // of the program, without folders: arguments may be secrets
  Secret program;   // the text of a Program
};

// Where keys come from, decided by looking at variables and files only.
using KeyOrigin = std::variant<AwsKeys,
                               AssumedRole,
                               WebIdentity,
                               JobIdentity,
                               SentIdentity,
                               SsoSession,
                               LoginSession,
                               CredentialProcess,
                               ContainerEndpoint,
                               InstanceMetadata>;

// The role that a web identity of any kind is shown for; null for other origins.
[[nodiscard]] inline const RoleRequest* web_identity_role(const KeyOrigin& origin)
{
  if (const auto* identity = std::get_if<WebIdentity>(&origin)) return &identity->role;
  if (const auto* identity = std::get_if<JobIdentity>(&origin)) return &identity->role;
  if (const auto* identity = std::get_if<SentIdentity>(&origin)) return &identity->role;
  return nullptr;
}

} // namespace purser::aws
