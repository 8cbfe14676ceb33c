#include "daemon/server/kubelet_handler.hpp"

#include "common/protocol.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/keeping_time.hpp"
#include "daemon/server/spoken_error.hpp"
#include "daemon/server/trail.hpp"

#include <string>

namespace purser {
namespace asio = boost::asio;

namespace {

using kubelet::CacheKey;

constexpr std::string_view k_path = "/v1/kubelet/get";
static_assert(k_path.starts_with(protocol::k_kubelet_path));

// The kubelet's variables, with the account's token in place of what they say themselves: that
// would be one account's for all.
Environment with_account(const Environment& env, const Secret& token)
{
  WipingBuffer entries;
  const auto add = [&entries](std::string_view name, std::string_view value) {
    append(entries, name);
    entries.push_back('=');
    append(entries, value);
    entries.push_back('\0');
  };
  if (!token.reveal().empty()) add(KubeletHandler::k_account_variable, token.reveal());
  env.visit([&add](std::string_view name, std::string_view value) {
    if (name != KubeletHandler::k_account_variable) add(name, value);
  });
  return Environment({entries.data(), entries.size()});
}

ServerResponse spoken(AuditEvent& trail, Result<WipingBuffer> body)
{
  if (!body) return spoken_error(trail, body.error());
  ServerResponse response;
  response.content_type = "application/json";
  response.body = std::move(*body);
  return response;
}

} // namespace

asio::awaitable<ServerResponse> KubeletHandler::handle(ServerRequest request)
{
  AuditEvent trail = begin_trail("kubelet-get", request.peer, clock_.wall());
  if (request.target != k_path)
    co_return spoken_error(trail, {Errc::bad_request, "this daemon does not know that path"});
  auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return spoken_error(trail, body.error());
  auto parsed = kubelet::parse_request(body->input);

  co_await reload_();
  ServerResponse response;
  if (parsed) {
    const auto asker = std::make_shared<const Asker>(with_account(body->env, parsed->account_token),
                                                     std::move(body->cwd), request.peer.local);
    const auto wanted = std::make_shared<const kubelet::Request>(std::move(*parsed));
    response = co_await answer(wanted, asker, request.patience, trail);
  } else {
    response = spoken_error(trail, parsed.error());
  }
  trail.took = clock_.now() - request.received_at;
  audit_.add(std::move(trail));
  co_return response;
}

asio::awaitable<ServerResponse>
KubeletHandler::answer(std::shared_ptr<const kubelet::Request> wanted,
                       std::shared_ptr<const Asker> asker,
                       Duration patience,
                       AuditEvent& trail)
{
  const auto image = kubelet::parse_image(wanted->image);
  if (!image) {
    const Error error{Errc::bad_request,
                      "the image is not of the form HOST[:PORT]/REPOSITORY; correct it"};
    co_return spoken_error(trail, error);
  }
  trail.registry = std::string(image->key.text());
  Inquiry inquiry(image->key, std::move(asker), patience);
  if (wanted->for_account) inquiry.account_token = k_account_variable;
  const auto handout = co_await credentials_.get(std::move(inquiry), trail);
  if (!handout && handout.error().code != Errc::not_configured)
    co_return spoken_error(trail, handout.error());
  if (!handout) { // not kept: somebody may configure or store one any time
    trail.outcome = to_string(handout.error().code);
    co_return spoken(trail, kubelet::response(*wanted, CacheKey::image, {}, {}, nullptr));
  }
  const auto key =
      credentials_.differs_by_repository(image->key) ? CacheKey::image : CacheKey::registry;
  const auto keep = keeping_time(*handout, clock_.now()).value_or(k_keep_stored);
  co_return spoken(trail, kubelet::response(*wanted, key, keep, image->registry, &*handout));
}

} // namespace purser
