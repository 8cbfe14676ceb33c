#include "daemon/tokens/endpoint_messages.hpp"

#include "daemon/http/url.hpp"
#include "daemon/registry/basic_authorization.hpp"
#include "daemon/registry/public_address.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr Duration k_limit = 10s;
constexpr std::size_t k_max_body = std::size_t{256} << 10;

bool has_controls(std::string_view text)
{
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void add(std::string& form, std::string_view name, std::string_view value)
{
  if (!form.empty()) form += '&';
  form += name;
  form += '=';
  form += percent_encoded(value);
}

HttpRequest request_to(const TokenQuestion& question, std::string method, std::string url)
{
  HttpRequest request(std::move(method), std::move(url));
  request.headers.push_back(HttpHeader{"Accept", "application/json"});
  request.egress = question.egress;
  request.limit = k_limit;
  request.max_body = k_max_body;
  if (question.only_public) request.may_connect = is_public_address;
  return request;
}

// What both kinds of POST have in common.
HttpRequest form_request(const TokenQuestion& question, std::string form)
{
  add(form, "client_id", k_client_id);
  if (!question.service.empty()) add(form, "service", question.service);
  if (!question.scopes.empty()) add(form, "scope", question.scopes.text());
  HttpRequest request = request_to(question, "POST", question.realm);
  request.headers.push_back(HttpHeader{"Content-Type", "application/x-www-form-urlencoded"});
  request.body = std::move(form);
  return request;
}

} // namespace

Result<> check_expressible(const TokenQuestion& question)
{
  if (question.username.find(':') == std::string::npos && !has_controls(question.username) &&
      !has_controls(question.secret.reveal()))
    return {};
  return with_remedy(
      {Errc::misconfigured, "the login for " + question.registry +
                                " has a colon in the user name or control characters, which no "
                                "Authorization header can hold: log in with another"});
}

HttpRequest get_request(const TokenQuestion& question)
{
  std::string query;
  if (!question.anonymous()) add(query, "account", question.username);
  add(query, "client_id", k_client_id);
  for (const std::string& scope : question.scopes.by_need())
    add(query, "scope", scope);
  if (!question.service.empty()) add(query, "service", question.service);
  std::string url = question.realm;
  url += question.realm.find('?') == std::string::npos ? '?' : '&';
  url += query;
  HttpRequest request = request_to(question, "GET", std::move(url));
  if (question.anonymous()) return request;
  const WipingBuffer value = basic_authorization(question.username, question.secret);
  request.headers.push_back(HttpHeader{"Authorization", std::string(value.data(), value.size())});
  return request;
}

HttpRequest password_request(const TokenQuestion& question)
{
  std::string form = "grant_type=password";
  add(form, "username", question.username);
  add(form, "password", question.secret.reveal());
  return form_request(question, std::move(form));
}

HttpRequest refresh_request(const TokenQuestion& question)
{
  std::string form = "grant_type=refresh_token";
  add(form, "refresh_token", question.secret.reveal());
  return form_request(question, std::move(form));
}

} // namespace purser
