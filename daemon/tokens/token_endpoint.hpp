#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/registry/token_grant.hpp"
#include "daemon/time/clock.hpp"
#include "daemon/tokens/token_question.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace purser {

// What became of one question to a token endpoint.
struct Exchanged {
  Exchanged(Result<TokenGrant> g, BootTime sent) : grant(std::move(g)), sent_at(sent) {}

  Result<TokenGrant> grant;
  BootTime sent_at;
  // The endpoint said that the credential itself is wrong, or that it is tried too often.
  bool credential_refused = false;
};

// Asks token endpoints (distribution, "Token Authentication Specification" and "OAuth2 Token
// Authentication"): user name and password, or nothing, with GET; a refresh token with POST. Where
// GET is not what the endpoint speaks (400, 404, 405), a password goes out with POST, once; that
// is remembered for the realm. So a wrong password is shown once, a right one twice at most.
class TokenEndpoint {
public:
  TokenEndpoint(Clock& clock, HttpClient& http);

  // The errors of token_refusal(), parse_token_grant() and HttpClient; misconfigured where the
  // credential has no form in HTTP.
  [[nodiscard]] boost::asio::awaitable<Exchanged>
  ask(std::shared_ptr<const TokenQuestion> question);

private:
  using QuestionPtr = std::shared_ptr<const TokenQuestion>;

  boost::asio::awaitable<Exchanged> ask_password(QuestionPtr question);
  boost::asio::awaitable<Exchanged> ask_refresh_token(QuestionPtr question);
  [[nodiscard]] Exchanged
  judge(const TokenQuestion& question, const HttpResponse& response, BootTime sent) const;

  Clock& clock_;
  HttpClient& http_;
  AgingTable<bool> posts_; // realms that take a password with POST
};

} // namespace purser
