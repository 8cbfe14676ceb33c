#pragma once

#include "common/result.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/tokens/token_target.hpp"

#include <string_view>
#include <utility>

namespace purser {

// What `POST /v1/login` is asked: to store a credential that is good for this.
struct LoginMessage {
  LoginMessage(TokenTarget t, const RegistryKey& s, Credential c)
    : target(std::move(t)), stored_as(s), credential(std::move(c))
  {
  }

  TokenTarget target; // what it has to be allowed; without a repository: to be known
  RegistryKey stored_as;
  Credential credential;
};

// `{"registry":"...","username":"...","secret":"...","scope":"..."}`, where `scope` may be missing:
// `REPOSITORY:ACTIONS`, also with `repository:` in front. bad_request otherwise; nothing of it is
// quoted.
[[nodiscard]] Result<LoginMessage> parse_login_message(std::string_view json);

} // namespace purser
