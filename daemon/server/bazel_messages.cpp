#include "daemon/server/bazel_messages.hpp"

#include "common/docker_words.hpp"
#include "daemon/config/checked_json.hpp"
#include "daemon/registry/basic_authorization.hpp"
#include "daemon/server/json_text.hpp"

#include <algorithm>

namespace purser::bazel {
namespace {

bool has_controls(std::string_view text)
{
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// What RFC 7617, section 2, has no form for.
Result<> check_expressible(const Handout& handout)
{
  if (handout.username == docker_words::k_identity_token)
    return Error{Errc::misconfigured,
                 "an identity token is stored for it, which is no user name and password: log in "
                 "with these"};
  if (handout.username.find(':') != std::string::npos || has_controls(handout.username) ||
      has_controls(handout.secret.reveal()))
    return Error{Errc::misconfigured,
                 "what is stored for it has a colon in the user name or control characters, which "
                 "no Authorization header can hold: log in with another"};
  return {};
}

} // namespace

Result<std::string> parse_request(std::string_view text)
{
  const auto json = parse_checked_json(text, JsonComments::refused);
  if (!json) return Error{Errc::bad_request, "standard input is no JSON: " + json.error().what};
  const auto uri = json->is_object() ? json->find("uri") : json->end();
  if (uri == json->end() || !uri->is_string())
    return Error{Errc::bad_request, "standard input is not one JSON object with the string uri"};
  return uri->get<std::string>();
}

WipingBuffer no_headers()
{
  WipingBuffer out;
  append(out, "{}\n");
  return out;
}

Result<WipingBuffer> headers(const Handout& handout, std::string_view expires)
{
  if (const auto checked = check_expressible(handout); !checked) return checked.error();
  const WipingBuffer value = basic_authorization(handout.username, handout.secret);
  return headers(std::string_view(value.data(), value.size()), expires);
}

WipingBuffer headers(std::string_view authorization, std::string_view expires)
{
  WipingBuffer out;
  append(out, R"({"headers":{"Authorization":[)");
  append_json_string(out, authorization);
  append(out, "]}");
  if (!expires.empty()) {
    append(out, R"(,"expires":)");
    append_json_string(out, expires);
  }
  append(out, "}\n");
  return out;
}

} // namespace purser::bazel
