#pragma once

#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace purser::cli {

// What the daemon answered, for who tells its failures apart.
struct Reply {
  unsigned status = 0; // of HTTP
  nlohmann::json body; // an object; where the status is not 200 with `error` (docs/protocol.md)
};

// Whether PURSER_NO_START keeps helpers from starting a daemon.
[[nodiscard]] bool starts_are_forbidden();

// Asks the daemon over its socket (docs/protocol.md, "For people and scripts"). Never
// starts one: looking must not change what is looked at.
//
// Errors: not_configured where nobody listens, misconfigured where the socket cannot be
// right (its place, its owner), timeout, protocol_error, and what the daemon answers.
class ControlClient {
public:
  static constexpr std::chrono::milliseconds k_limit{5000};

  explicit ControlClient(std::string socket, std::chrono::milliseconds limit = k_limit);

  // The socket that the environment of this process names.
  [[nodiscard]] static Result<ControlClient>
  from_environment(std::chrono::milliseconds limit = k_limit);

  // The body of `GET target`, whatever it is.
  [[nodiscard]] Result<std::string> get_text(std::string_view target) const;
  // The JSON of `GET target`.
  [[nodiscard]] Result<nlohmann::json> get(std::string_view target) const;
  // The JSON of `POST target` with a helper's body: what is forwarded of the environment of
  // this process (common/forwarded_entries.hpp), then `input`.
  [[nodiscard]] Result<nlohmann::json> post(std::string_view target, std::string_view input) const;
  // The same, but what the daemon answers is no error whatever it is.
  [[nodiscard]] Result<Reply> post_for_reply(std::string_view target, std::string_view input) const;
  // The JSON of `POST target` with this body and nothing of the environment.
  [[nodiscard]] Result<nlohmann::json> post_json(std::string_view target,
                                                 const nlohmann::json& body) const;
  [[nodiscard]] const std::string& socket() const { return socket_; }

private:
  // The bytes of the response to a helper's body.
  [[nodiscard]] Result<std::string> send_input(std::string_view target,
                                               std::string_view input) const;
  // The bytes of the response.
  [[nodiscard]] Result<std::string>
  exchange(std::string_view method, std::string_view target, std::string_view body) const;

  std::string socket_;
  std::chrono::milliseconds limit_;
};

} // namespace purser::cli
