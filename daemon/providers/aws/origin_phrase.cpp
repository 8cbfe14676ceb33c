#include "daemon/providers/aws/origin_phrase.hpp"

#include "daemon/providers/aws/signed_client.hpp"

namespace purser::aws {
namespace {

struct Phrase {
  const std::string& place;

  std::string operator()(const AwsKeys&) const { return "the access keys of " + place; }
  std::string operator()(const AssumedRole& assumed) const
  {
    return "the role " + assumed.role.arn + by_profile(assumed.role.arn);
  }
  std::string operator()(const WebIdentity& identity) const
  {
    return "the role " + identity.role.arn + " with the web identity in " + identity.token_file;
  }
  std::string operator()(const JobIdentity& identity) const
  {
    return "the role " + identity.role.arn + " with the identity of the job, from " +
           host_of(identity.url);
  }
  std::string operator()(const SentIdentity& identity) const
  {
    return "the role " + identity.role.arn + " with the token in " + place;
  }
  std::string operator()(const SsoSession& session) const
  {
    return "the role " + session.role_name + " in the account " + session.account_id +
           " through IAM Identity Center (" + place + ")";
  }
  std::string operator()(const LoginSession&) const
  {
    return "the session of \"aws login\" of " + place;
  }
  std::string operator()(const CredentialProcess& process) const
  {
    return "the keys that the program " + process.name + " gives (" + place + ")";
  }
  std::string operator()(const ContainerEndpoint& endpoint) const
  {
    return "the container's credentials at " + host_of(endpoint.url);
  }
  std::string operator()(const InstanceMetadata& metadata) const
  {
    return "the role of the EC2 instance, from " + host_of(metadata.url);
  }

private:
  // Nothing where the place names the role already.
  [[nodiscard]] std::string by_profile(const std::string& arn) const
  {
    return place.find(arn) == std::string::npos ? " (" + place + ")" : std::string();
  }
};

} // namespace

std::string origin_phrase(const KeyOrigin& origin, const std::string& place)
{
  return std::visit(Phrase{place}, origin);
}

} // namespace purser::aws
