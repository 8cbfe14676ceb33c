#include "daemon/providers/registry_probe.hpp"

#include "daemon/providers/token_provider.hpp"
#include "daemon/registry/basic_authorization.hpp"

#include <spdlog/spdlog.h>

#include <string_view>
#include <utility>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_max_body = std::size_t{64} << 10;

} // namespace

boost::asio::awaitable<Result<>>
probe_registry(HttpClient& http, std::string registry, Egress egress, const Token& token)
{
  HttpRequest request("GET", "https://" + registry + "/v2/");
  const WipingBuffer value = basic_authorization(token.username, token.secret);
  request.headers.push_back(HttpHeader{"Authorization", std::string(value.data(), value.size())});
  request.egress = std::move(egress);
  request.limit = 5s;
  request.max_body = k_max_body;
  const auto answer = co_await http.send(std::move(request));
  if (!answer) {
    spdlog::info("a new token was not probed: {}", answer.error().what);
    co_return Result<>{};
  }
  if (answer->status != 401 && answer->status != 403) co_return Result<>{};
  co_return with_remedy({Errc::transient, registry + " refuses the new token (HTTP " +
                                              std::to_string(answer->status) +
                                              "): the old one stays; check the rights of its "
                                              "identity, or take \"probe\" out of the rule"});
}

} // namespace purser
