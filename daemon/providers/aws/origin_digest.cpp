#include "daemon/providers/aws/origin_digest.hpp"

#include "daemon/providers/aws/keys/jwt.hpp"

#include <optional>

namespace purser::aws {
namespace {

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
  void operator()(const JobIdentity& identity) const
  {
    add_role(fields.add("job identity"), identity.role);
    fields.add(identity.url).add(identity.audience).add(identity.request_token.reveal());
  }
  void operator()(const SentIdentity& identity) const
  {
    add_role(fields.add("sent identity"), identity.role);
    // Nobody has checked yet what the token says of itself. Who shares our files could as well
    // read the environment of the job that it was made for; a stranger has to bring the same.
    if (identity.by_stranger)
      fields.add("token").add(identity.token.reveal());
    else
      fields.add(subject_of(identity.token.reveal()).reveal());
  }
  void operator()(const SsoSession& session) const
  {
    fields.add("sso").add(session.token_file).add(session.region);
    fields.add(session.account_id).add(session.role_name);
  }
  void operator()(const LoginSession& session) const
  {
    fields.add("login").add(session.token_file).add(session.session);
  }
  void operator()(const CredentialProcess& process) const
  {
    fields.add("program").add(process.program.reveal());
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

} // namespace

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

void add_origin(FieldList& fields, const KeyOrigin& origin)
{
  std::visit(AddOrigin{fields}, origin);
}

} // namespace purser::aws
