#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/tokens/registry_answer.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace purser {

// Tries at a registry whether something is allowed (OCI distribution specification 1.1). Nothing
// stays there: an upload that was begun is given up, and what is deleted cannot exist.
class RegistryCaller {
public:
  explicit RegistryCaller(HttpClient& http) : http_(http) {}

  // `base` is where the API is: `https://registry.example.com`. An answer is no error, whatever it
  // is; the errors are those of HttpClient. `repository` is empty for who does not need one.
  [[nodiscard]] boost::asio::awaitable<Result<RegistryAnswer>> try_action(
      std::string base, std::string repository, Action action, AccessToken access, Egress egress);

private:
  boost::asio::awaitable<void>
  give_up_upload(std::string base, std::string location, std::string authorization, Egress egress);

  HttpClient& http_;
};

} // namespace purser
