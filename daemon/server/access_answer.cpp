#include "daemon/server/access_answer.hpp"

#include "daemon/server/docker_messages.hpp"
#include "daemon/server/failure_outcome.hpp"

#include <algorithm>

namespace purser {
using Outcome = TriedAction::Outcome;
using State = Finding::State;

namespace {

Json text_or_null(const std::string& text)
{
  return text.empty() ? Json(nullptr) : Json(text);
}

Json list_or_null(const std::optional<ScopeSet>& scopes)
{
  return scopes ? Json(scopes->entries()) : Json(nullptr);
}

void put_answer(Json& json, const RegistryAnswer& answer, const Clock& clock)
{
  const AccessToken& access = answer.access;
  json["status"] = answer.status;
  json["error"] = text_or_null(answer.error);
  json["words"] = text_or_null(answer.words);
  json["scheme"] = to_string(access.scheme);
  json["realm"] = text_or_null(access.realm);
  json["service"] = text_or_null(access.service);
  json["username"] = text_or_null(access.username);
  json["source"] = text_or_null(access.source);
  json["granted"] = list_or_null(access.granted);
  json["expires_at"] = access.expires_at ? Json(civil(*access.expires_at, clock)) : Json(nullptr);
}

// "pull", "pull and push", "pull, push and delete"
std::string joined(const std::vector<TriedAction>& tried, bool good)
{
  std::vector<std::string_view> names;
  for (const TriedAction& each : tried) {
    const bool fine = each.outcome == Outcome::allowed || each.outcome == Outcome::not_asked;
    if (fine == good) names.push_back(each.name);
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

std::string who(const std::vector<TriedAction>& tried)
{
  for (const TriedAction& each : tried)
    if (each.answer && !each.answer->access.username.empty()) return each.answer->access.username;
  const bool anonymous = std::any_of(tried.begin(), tried.end(), [](const TriedAction& each) {
    return each.answer && each.answer->access.username.empty();
  });
  return anonymous ? "whoever has no credential" : "this credential";
}

std::string where(const TokenTarget& target)
{
  std::string text;
  if (!target.key.repository().empty()) {
    text += target.key.repository();
    text += " at ";
  }
  text += target.key.registry();
  return text;
}

std::string may(const TokenTarget& target, const std::vector<TriedAction>& tried)
{
  if (target.actions.empty())
    return who(tried) + " is known to " + std::string(target.key.registry());
  return who(tried) + " may " + joined(tried, true) + " " + where(target);
}

const TriedAction* first(const std::vector<TriedAction>& tried, Outcome outcome)
{
  const auto found = std::find_if(tried.begin(), tried.end(), [outcome](const TriedAction& each) {
    return each.outcome == outcome;
  });
  return found == tried.end() ? nullptr : &*found;
}

std::string reason(const TriedAction& tried)
{
  return tried.error ? docker::explained(*tried.error) : std::string("nothing was said");
}

Verdict failed(const TriedAction& tried, const Diagnosis& diagnosis)
{
  const Errc code = tried.error ? tried.error->code : Errc::internal;
  const std::string what = tried.wanted.empty() ? std::string("this login is good")
                                                : "one may " + std::string(tried.name);
  return {failure_outcome(code, diagnosis.trouble), code,
          "It is not known whether " + what + ": " + reason(tried)};
}

void tell_scopes(const RegistryAnswer& answer, const ScopeSet& wanted, Diagnosis& diagnosis)
{
  const AccessToken& access = answer.access;
  if (access.scheme != AccessToken::Scheme::bearer) {
    diagnosis.add("scopes", State::absent,
                  access.scheme == AccessToken::Scheme::basic
                      ? "the registry takes user name and password, and no token"
                      : "the registry asks for no credential");
    return;
  }
  std::string text = "asked for " + (wanted.empty() ? "none" : wanted.text()) + "; ";
  if (!access.granted)
    text += "what was granted is not said";
  else
    text += "granted: " + (access.granted->empty() ? "nothing" : access.granted->text());
  const bool less = access.granted && !access.granted->covers(wanted);
  diagnosis.add("scopes", less ? State::warning : State::good, std::move(text));
}

// Each action is asked for the credential on its own, and tells the same of it.
void drop_repeated(std::vector<Finding>& findings)
{
  std::vector<Finding> once;
  for (Finding& finding : findings) {
    const bool told = std::any_of(once.begin(), once.end(), [&finding](const Finding& before) {
      return before.topic == finding.topic && before.text == finding.text;
    });
    if (!told) once.push_back(std::move(finding));
  }
  findings = std::move(once);
}

void tell_realm(const std::vector<TriedAction>& tried, Diagnosis& diagnosis)
{
  const auto asked = std::find_if(tried.begin(), tried.end(), [](const TriedAction& each) {
    return each.answer && !each.answer->access.realm.empty();
  });
  if (asked == tried.end()) return;
  const AccessToken& access = asked->answer->access;
  std::string text = access.realm;
  if (!access.service.empty()) text += ", service " + access.service;
  diagnosis.add("realm", State::good, std::move(text));
}

} // namespace

Json actions_json(const std::vector<TriedAction>& tried, const Clock& clock)
{
  Json all = Json::array();
  for (const TriedAction& each : tried) {
    Json json;
    json["action"] = each.name;
    json["outcome"] = to_string(each.outcome);
    json["code"] = each.error ? Json(to_string(each.error->code)) : Json(nullptr);
    json["message"] = each.error ? Json(docker::explained(*each.error)) : Json(nullptr);
    json["scopes"] = each.wanted.entries();
    if (each.answer) put_answer(json, *each.answer, clock);
    all.push_back(std::move(json));
  }
  return all;
}

void tell_actions(const std::vector<TriedAction>& tried, Diagnosis& diagnosis)
{
  tell_realm(tried, diagnosis);
  for (const TriedAction& each : tried) {
    if (each.answer) tell_scopes(*each.answer, each.wanted, diagnosis);
    const bool fine = each.outcome == Outcome::allowed || each.outcome == Outcome::not_asked;
    std::string text(each.name);
    text += fine ? ": allowed" : ": " + std::string(to_string(each.outcome)) + ": " + reason(each);
    diagnosis.add("access", fine ? State::good : State::failed, std::move(text));
  }
  drop_repeated(diagnosis.findings);
}

Verdict access_verdict(const TokenTarget& target,
                       const std::vector<TriedAction>& tried,
                       const Diagnosis& diagnosis)
{
  if (const auto* bad = first(tried, Outcome::rejected))
    return {"failed", Errc::rejected,
            "The credential for " + where(target) + " is no good: " + reason(*bad)};
  if (const auto* bad = first(tried, Outcome::failed)) return failed(*bad, diagnosis);
  const auto* refused = first(tried, Outcome::refused);
  if (refused == nullptr) return {"ok", std::nullopt, may(target, tried)};
  std::string text = who(tried) + " may not " + joined(tried, false) + " " + where(target) + ": " +
                     reason(*refused);
  return {"not_allowed", Errc::forbidden, std::move(text)};
}

} // namespace purser
