#include "daemon/providers/aws/keys/sts_messages.hpp"

#include "daemon/http/url.hpp"
#include "daemon/providers/aws/iso_time.hpp"

#include <pugixml.hpp>
#include <utility>

namespace purser::aws {
namespace {

// A name of characters that STS takes for sessions.
std::string session_name(const RoleRequest& role, std::string_view ours)
{
  return role.session_name.empty() ? std::string(ours) : role.session_name;
}

class Form {
public:
  explicit Form(std::string_view action)
  {
    add("Action", action);
    add("Version", "2011-06-15");
  }
  void add(std::string_view name, std::string_view value)
  {
    if (!text_.empty()) text_ += '&';
    text_.append(name).append("=").append(percent_encoded(value));
  }
  HttpRequest request(std::string url) &&
  {
    HttpRequest request("POST", std::move(url));
    request.headers.push_back(
        HttpHeader{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"});
    request.headers.push_back(HttpHeader{"Accept", "text/xml"});
    request.body = std::move(text_);
    return request;
  }

private:
  std::string text_;
};

void add_role(Form& form, const RoleRequest& role, std::string_view session)
{
  form.add("RoleArn", role.arn);
  form.add("RoleSessionName", session_name(role, session));
  form.add("DurationSeconds", std::to_string(role.duration.count()));
}

// The element of that name below, in whichever answer it is.
pugi::xml_node find_credentials(const pugi::xml_document& document)
{
  return document.document_element().first_child().child("Credentials");
}

Error not_understood()
{
  return Error{Errc::protocol_error, "STS's answer has no credentials"};
}

} // namespace

HttpRequest assume_role_request(std::string url, const RoleRequest& role, std::string_view session)
{
  Form form("AssumeRole");
  add_role(form, role, session);
  if (!role.external_id.empty()) form.add("ExternalId", role.external_id);
  return std::move(form).request(std::move(url));
}

HttpRequest web_identity_request(std::string url,
                                 const RoleRequest& role,
                                 std::string_view session,
                                 const Secret& token)
{
  Form form("AssumeRoleWithWebIdentity");
  add_role(form, role, session);
  form.add("WebIdentityToken", token.reveal());
  return std::move(form).request(std::move(url));
}

Result<IssuedKeys> parse_sts_keys(std::string_view body)
{
  // No entities of its own: STS declares none, and who does is not STS.
  if (body.find("<!DOCTYPE") != std::string_view::npos) return not_understood();
  constexpr unsigned k_read =
      pugi::parse_minimal | pugi::parse_escapes | pugi::parse_cdata | pugi::parse_trim_pcdata;
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size(), k_read)) return not_understood();
  const auto credentials = find_credentials(document);
  const std::string_view id = credentials.child_value("AccessKeyId");
  const std::string_view secret = credentials.child_value("SecretAccessKey");
  const std::string_view token = credentials.child_value("SessionToken");
  const auto expires_at = parse_iso_time(credentials.child_value("Expiration"));
  if (id.empty() || secret.empty() || token.empty() || !expires_at) return not_understood();
  auto keys = make_keys(KeyTexts{id, secret, token}, "STS's answer");
  if (!keys || !*keys) return not_understood();
  return IssuedKeys(std::move(**keys), *expires_at);
}

} // namespace purser::aws
