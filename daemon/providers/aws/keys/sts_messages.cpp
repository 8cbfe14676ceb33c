#include "daemon/providers/aws/keys/sts_messages.hpp"

#include "daemon/formats/iso_time.hpp"
#include "daemon/http/url.hpp"

#include <algorithm>
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

// False where it is no XML, or has entities of its own: STS declares none, and who does is
// not STS.
bool load(pugi::xml_document& document, std::string_view body)
{
  constexpr unsigned k_read =
      pugi::parse_minimal | pugi::parse_escapes | pugi::parse_cdata | pugi::parse_trim_pcdata;
  return body.find("<!DOCTYPE") == std::string_view::npos &&
         document.load_buffer(body.data(), body.size(), k_read);
}

// The element that holds the answer, whichever it is an answer to.
pugi::xml_node find_result(const pugi::xml_document& document)
{
  return document.document_element().first_child();
}

bool is_arn(std::string_view text)
{
  constexpr std::size_t k_longest = 2048;
  return text.starts_with("arn:") && text.size() <= k_longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool is_account(std::string_view text)
{
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
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

HttpRequest caller_identity_request(std::string url)
{
  return Form("GetCallerIdentity").request(std::move(url));
}

Result<IssuedKeys> parse_sts_keys(std::string_view body)
{
  pugi::xml_document document;
  if (!load(document, body)) return not_understood();
  const auto credentials = find_result(document).child("Credentials");
  const std::string_view id = credentials.child_value("AccessKeyId");
  const std::string_view secret = credentials.child_value("SecretAccessKey");
  const std::string_view token = credentials.child_value("SessionToken");
  const auto expires_at = parse_iso_time(credentials.child_value("Expiration"));
  if (id.empty() || secret.empty() || token.empty() || !expires_at) return not_understood();
  auto keys = make_keys(KeyTexts{id, secret, token}, "STS's answer");
  if (!keys || !*keys) return not_understood();
  return IssuedKeys(std::move(**keys), *expires_at);
}

Result<Principal> parse_caller_identity(std::string_view body)
{
  pugi::xml_document document;
  const bool loaded = load(document, body);
  const auto result = find_result(document);
  const std::string_view arn = result.child_value("Arn");
  const std::string_view account = result.child_value("Account");
  if (!loaded || !is_arn(arn) || !is_account(account))
    return Error{Errc::protocol_error, "STS's answer names no principal"};
  return Principal{std::string(arn), std::string(account)};
}

} // namespace purser::aws
