#include "daemon/providers/registry_probe.hpp"

#include "common/wiping.hpp"
#include "daemon/providers/token_provider.hpp"

#include <openssl/evp.h>
#include <spdlog/spdlog.h>

#include <string_view>
#include <utility>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_max_body = std::size_t{64} << 10;

// RFC 7617, section 2.
std::string basic_authorization(const Token& token)
{
  const auto secret = token.secret.reveal();
  WipingBuffer plain(token.username.begin(), token.username.end());
  plain.push_back(':');
  plain.insert(plain.end(), secret.begin(), secret.end());
  WipingBuffer encoded((plain.size() + 2) / 3 * 4 + 1); // EVP_EncodeBlock ends it with a NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(plain.data()),
                                   static_cast<int>(plain.size()));
  return "Basic " + std::string(encoded.data(), static_cast<std::size_t>(size));
}

} // namespace

boost::asio::awaitable<Result<>>
probe_registry(HttpClient& http, std::string registry, Egress egress, const Token& token)
{
  HttpRequest request("GET", "https://" + registry + "/v2/");
  request.headers.push_back(HttpHeader{"Authorization", basic_authorization(token)});
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
