#include "daemon/server/doctor_answer.hpp"

#include "common/duration_text.hpp"
#include "common/version.hpp"

#include <algorithm>

namespace purser {
namespace {

long long left_until(BootTime moment, const Clock& clock)
{
  return whole_seconds(std::max(moment - clock.now(), Duration::zero()));
}

Json steps_json(const std::vector<Finding>& findings)
{
  Json steps = Json::array();
  for (const Finding& finding : findings) {
    Json step;
    step["topic"] = finding.topic;
    step["state"] = to_string(finding.state);
    step["text"] = finding.text;
    steps.push_back(std::move(step));
  }
  return steps;
}

Json text_or_null(const std::string& text)
{
  return text.empty() ? Json(nullptr) : Json(text);
}

} // namespace

Json doctor_json(const Diagnosis& diagnosis,
                 const Patient& patient,
                 const Verdict& verdict,
                 const Clock& clock)
{
  Json json;
  json["version"] = program_version();
  json["registry"] = text_or_null(patient.registry);
  json["steps"] = steps_json(diagnosis.findings);
  json["provider"] = text_or_null(patient.provider);
  json["principal"] = nullptr;
  if (diagnosis.principal)
    json["principal"] = {{"arn", diagnosis.principal->arn},
                         {"account", diagnosis.principal->account}};
  json["token"] = diagnosis.token ? token_json(*diagnosis.token, clock) : Json(nullptr);
  json["outcome"] = verdict.outcome;
  json["code"] = verdict.code ? Json(to_string(*verdict.code)) : Json(nullptr);
  json["conclusion"] = verdict.sentence;
  return json;
}

std::string token_phrase(const RenewalView& token, const Clock& clock)
{
  if (!token.life) return "none is held";
  return std::string(state_name(token, clock.now())) + ", " +
         duration_text(whole_seconds(clock.now() - token.life->sent_at)) +
         " old, alive for another " + duration_text(left_until(token.life->expires_at, clock)) +
         ", until " + civil(token.life->expires_at, clock);
}

} // namespace purser
