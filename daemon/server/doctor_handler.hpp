#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/providers/table.hpp"
#include "daemon/server/control_handler.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/doctor_answer.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/server/settings.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace purser {

// `POST /v1/doctor` with a helper's body: what a `get` of the same caller would be answered,
// and why; without a registry, how the daemon is. A registry's part is a real `get`, by the
// same code, of an asker who listens; what it obtains stays here.
class DoctorHandler final : public RequestHandler {
public:
  // Longer than a get waits: who asks wants to know the end of it.
  static constexpr Duration k_patience = std::chrono::seconds(50);
  // Before the command line gives up, after 60 s.
  static constexpr Duration k_limit = std::chrono::seconds(55);
  static constexpr Duration k_store_limit = std::chrono::seconds(5);

  // What it looks at; all of it outlives this.
  struct Subjects {
    const DaemonFacts& facts;
    const CurrentSettings& settings;
    const ProviderTable& providers;
    CredentialService& credentials;
    CredentialStore& store;
  };
  // `refresh` brings the configuration up to date before a request is looked at.
  using Refresh = std::function<boost::asio::awaitable<void>()>;

  DoctorHandler(Clock& clock, Subjects subjects, AuditLog& audit, Refresh refresh)
    : clock_(clock), subjects_(subjects), audit_(audit), refresh_(std::move(refresh))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  boost::asio::awaitable<Json> examine_daemon(std::shared_ptr<Diagnosis> diagnosis);
  boost::asio::awaitable<Json>
  examine_registry(std::string_view asked, std::shared_ptr<const Asker> asker, AuditEvent& trail);
  void tell_daemon(Diagnosis& diagnosis) const;
  void tell_config(Diagnosis& diagnosis) const;
  boost::asio::awaitable<Result<>> tell_store(std::shared_ptr<Diagnosis> diagnosis);
  void tell_rules(Diagnosis& diagnosis) const;
  [[nodiscard]] Verdict
  judge(const Result<Handout>& handout, Diagnosis& diagnosis, const AuditEvent& trail) const;
  [[nodiscard]] Verdict handed_out(Diagnosis& diagnosis, const AuditEvent& trail) const;

  Clock& clock_;
  Subjects subjects_;
  AuditLog& audit_;
  Refresh refresh_;
};

} // namespace purser
