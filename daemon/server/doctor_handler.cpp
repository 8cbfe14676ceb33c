#include "daemon/server/doctor_handler.hpp"

#include "common/duration_text.hpp"
#include "common/protocol.hpp"
#include "common/version.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/config/broken_config.hpp"
#include "daemon/config/rule_phrase.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/trail.hpp"

#include <unistd.h>

#include <string>

namespace purser {
namespace asio = boost::asio;
using State = Finding::State;
using Origin = LoadedConfig::Origin;

namespace {

std::shared_ptr<Asker> asker_of(docker::HelperBody body, const Peer& peer)
{
  auto asker = std::make_shared<Asker>(std::move(body.env), std::move(body.cwd), peer.local);
  asker->diagnosis = std::make_shared<Diagnosis>();
  if (!peer.local)
    asker->diagnosis->add("caller", State::warning,
                          "in another mount namespace (a container), or not known to be in ours: "
                          "files that it names do not count");
  return asker;
}

std::string shown(const Rule& rule)
{
  std::string text = rule.match + ": " + rule_phrase(rule);
  if (rule.registry) text += ", for " + *rule.registry;
  if (rule.anonymous) text += ", anonymous use is right";
  return text;
}

} // namespace

asio::awaitable<ServerResponse> DoctorHandler::handle(ServerRequest request)
{
  if (auto refusal = refuse_all_but_post(request, protocol::k_doctor_path))
    co_return std::move(*refusal);
  auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return json_error(400, body.error().code, body.error().what);
  const std::string_view asked = docker::trimmed(body->input);
  const auto asker = asker_of(std::move(*body), request.peer);

  co_await refresh_();
  tell_daemon(*asker->diagnosis);
  tell_config(*asker->diagnosis);
  if (asked.empty()) {
    const Json answer = co_await examine_daemon(asker->diagnosis);
    co_return json_response(200, answer);
  }
  AuditEvent trail = begin_trail("doctor", request.peer, clock_.wall());
  const Json answer = co_await examine_registry(asked, asker, trail);
  trail.took = clock_.now() - request.received_at;
  audit_.add(std::move(trail));
  co_return json_response(200, answer);
}

asio::awaitable<Json> DoctorHandler::examine_daemon(std::shared_ptr<Diagnosis> diagnosis)
{
  const auto stored = co_await tell_store(diagnosis);
  if (subjects_.facts.memory_locked)
    diagnosis->add("memory", State::good, "locked: secrets do not reach swap");
  else
    diagnosis->add("memory", State::warning,
                   "not locked, so that secrets could reach swap: raise the limit (ulimit -l)");
  const auto& missing = subjects_.facts.sandbox.missing;
  if (missing.empty()) diagnosis->add("hardening", State::good, "complete");
  for (const auto& line : missing)
    diagnosis->add("hardening", State::warning, "incomplete: " + line);
  for (const ProviderSpec& spec : subjects_.providers.all())
    spec.provider->describe(*diagnosis);
  tell_rules(*diagnosis);

  Verdict verdict("ok", std::nullopt,
                  "The daemon is well; to examine a registry, name it: purser doctor REGISTRY");
  if (const auto settings = subjects_.settings.get(); settings->loaded.error)
    verdict = Verdict("configuration", Errc::misconfigured,
                      "The configuration has to be corrected: " + *settings->loaded.error);
  else if (!stored)
    verdict =
        Verdict("failed", stored.error().code,
                "Stored credentials cannot be handed out: " + docker::explained(stored.error()));
  co_return doctor_json(*diagnosis, Patient{}, verdict, clock_);
}

asio::awaitable<Json> DoctorHandler::examine_registry(std::string_view asked,
                                                      std::shared_ptr<const Asker> asker,
                                                      AuditEvent& trail)
{
  const auto diagnosis = asker->diagnosis;
  const auto key = RegistryKey::parse(asked);
  if (!key) { // it may hold a password, so it is not quoted
    const Error& wrong = docker::no_registry();
    trail.outcome = to_string(wrong.code);
    diagnosis->add("registry", State::failed, wrong.what);
    const Verdict verdict("failed", wrong.code, "A get fails: " + wrong.what);
    co_return doctor_json(*diagnosis, Patient{}, verdict, clock_);
  }
  trail.registry = std::string(key->text());
  diagnosis->add("registry", State::good,
                 asked == key->text() ? trail.registry
                                      : trail.registry + ", from " + std::string(asked));
  Inquiry inquiry(*key, std::move(asker), k_patience);
  auto get = subjects_.credentials.get(std::move(inquiry), trail);
  const auto handout = co_await with_timeout(clock_, k_limit, std::move(get));
  if (!handout) trail.outcome = to_string(handout.error().code);
  const Verdict verdict = judge(handout, *diagnosis, trail);
  co_return doctor_json(*diagnosis, Patient{trail.registry, trail.provider}, verdict, clock_);
}

void DoctorHandler::tell_daemon(Diagnosis& diagnosis) const
{
  const DaemonFacts& facts = subjects_.facts;
  diagnosis.add("daemon", State::good,
                "purserd " + std::string(program_version()) + ", pid " +
                    std::to_string(::getpid()) + ", up " +
                    duration_text(whole_seconds(clock_.now() - facts.started_at)) +
                    ", started by " + facts.started_by + ", at " + facts.socket);
}

void DoctorHandler::tell_config(Diagnosis& diagnosis) const
{
  const auto settings = subjects_.settings.get();
  const LoadedConfig& loaded = settings->loaded;
  const std::string& path = subjects_.facts.config_path;
  if (loaded.error)
    diagnosis.add("configuration", State::failed,
                  *loaded.error + "; " + std::string(in_force_instead(loaded.origin)));
  else if (loaded.origin == Origin::absent)
    diagnosis.add("configuration", State::absent, "there is no " + path + ": nothing needs one");
  else
    diagnosis.add("configuration", State::good, path);
  if (loaded.warning) diagnosis.add("configuration", State::warning, *loaded.warning);
}

asio::awaitable<Result<>> DoctorHandler::tell_store(std::shared_ptr<Diagnosis> diagnosis)
{
  std::string place = subjects_.store.description();
  if (const auto reason = subjects_.store.reason(); !reason.empty()) place += ", " + reason;
  auto checked = co_await with_timeout(clock_, k_store_limit, subjects_.store.check());
  if (checked)
    diagnosis->add("store", State::good, place + ": it and its key can be opened");
  else
    diagnosis->add("store", State::failed, place + ": " + checked.error().what);
  co_return checked;
}

void DoctorHandler::tell_rules(Diagnosis& diagnosis) const
{
  const auto settings = subjects_.settings.get();
  for (const Rule& rule : settings->routes.rules())
    diagnosis.add("rule", State::good, shown(rule));
  if (settings->routes.rules().empty())
    diagnosis.add("rule", State::absent,
                  "none: ECR by its built-in patterns, everything else from the store");
}

Verdict DoctorHandler::judge(const Result<Handout>& handout,
                             Diagnosis& diagnosis,
                             const AuditEvent& trail) const
{
  if (handout) return handed_out(diagnosis, trail);
  const Error& error = handout.error();
  if (error.code == Errc::not_configured && trail.provider.empty())
    return {"no_credentials", error.code,
            "Docker is told that there are no credentials for " + trail.registry +
                ", and goes on anonymously: no rule claims it, and nobody logged in to it"};
  std::string what = docker::explained(error);
  if (diagnosis.token && diagnosis.token->next_try && *diagnosis.token->next_try > clock_.now())
    what += "; asked again after " +
            duration_text(whole_seconds(*diagnosis.token->next_try - clock_.now()) + 1);
  if (trail.provider != "store") diagnosis.add("token", State::failed, what);
  switch (diagnosis.trouble) {
  case Diagnosis::Trouble::configuration:
    return {"configuration", error.code,
            "No token is obtained until the configuration is right: " + what};
  case Diagnosis::Trouble::no_source:
    return {"no_credentials", error.code,
            error.code == Errc::not_configured
                ? "Docker is told that there are no credentials, and goes on anonymously: " + what
                : "A get fails for want of credentials: " + what};
  case Diagnosis::Trouble::no_handout:
  case Diagnosis::Trouble::none: break;
  }
  return {"failed", error.code, "A get fails: " + what};
}

Verdict DoctorHandler::handed_out(Diagnosis& diagnosis, const AuditEvent& trail) const
{
  const std::string get = "A get is answered with ";
  if (trail.provider == "store")
    return {"ok", std::nullopt, get + "the credential that is stored for " + trail.registry};
  if (trail.provider == "override")
    return {"ok", std::nullopt, get + "what docker login brought for " + trail.registry};
  if (!diagnosis.token) return {"ok", std::nullopt, get + "the credential of the " + trail.source};
  diagnosis.add("token", State::good, token_phrase(*diagnosis.token, clock_));
  const std::string whose = diagnosis.principal ? diagnosis.principal->arn : trail.source;
  return {"ok", std::nullopt, get + "a token of " + whose};
}

} // namespace purser
