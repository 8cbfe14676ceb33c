#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/store/chosen_store.hpp"
#include "daemon/store/secret_service_store.hpp"
#include "daemon/store/store_chooser.hpp"
#include "daemon/store/store_migration.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <utility>

namespace purser {

// Where stored credentials lie, and what is done about it: `GET /v1/store`,
// `GET` and `POST /v1/store/migration`, `POST /v1/store/unlock` (docs/protocol.md). Never a secret.
//
// Changes are for this user's own programs: another user who may ask for credentials, or a
// container that has the socket, moves nothing and opens no prompt.
class StoreHandler final : public RequestHandler {
public:
  static constexpr Duration k_list_limit = std::chrono::seconds(4);

  // What it looks at and works on; all of it outlives this.
  struct Subjects {
    ChosenStore& store;
    StoreChooser& chooser;
    StoreMigration& migration;
    SecretServiceStore& keyring;
  };
  // Brings the configuration up to date before a request is looked at.
  using Reload = std::function<boost::asio::awaitable<void>()>;

  StoreHandler(Clock& clock, Subjects subjects, AuditLog& audit, Reload reload)
    : clock_(clock), subjects_(subjects), audit_(audit), reload_(std::move(reload))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  boost::asio::awaitable<ServerResponse> overview();
  [[nodiscard]] ServerResponse migration() const;
  boost::asio::awaitable<ServerResponse> change(ServerRequest request);
  [[nodiscard]] Result<> migrate(const ServerRequest& request);
  boost::asio::awaitable<Result<>> unlock();

  Clock& clock_;
  Subjects subjects_;
  AuditLog& audit_;
  Reload reload_;
};

} // namespace purser
