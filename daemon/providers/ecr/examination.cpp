#include "daemon/providers/ecr/examination.hpp"

#include "daemon/http/proxy.hpp"
#include "daemon/http/url.hpp"
#include "daemon/providers/aws/keys/caller_identity.hpp"
#include "daemon/providers/aws/origin_phrase.hpp"

#include <string>
#include <utility>

namespace purser::ecr {
namespace asio = boost::asio;
using State = Finding::State;

namespace {

State state_of(aws::ChainStep::Outcome outcome)
{
  switch (outcome) {
  case aws::ChainStep::Outcome::absent: return State::absent;
  case aws::ChainStep::Outcome::used: return State::used;
  case aws::ChainStep::Outcome::failed: return State::failed;
  case aws::ChainStep::Outcome::not_asked: return State::skipped;
  }
  return State::failed;
}

void tell_proxy(Diagnosis& diagnosis, const std::string& url, const Egress& egress)
{
  const auto parsed = parse_url(url);
  if (!parsed) return diagnosis.add("proxy", State::failed, parsed.error().what);
  const auto proxy = choose_proxy(egress, *parsed);
  if (!proxy) return diagnosis.add("proxy", State::failed, proxy.error().what);
  if (*proxy)
    diagnosis.add("proxy", State::used, (*proxy)->name());
  else
    diagnosis.add("proxy", State::absent, "none on the way to " + parsed->host_header());
}

void tell_certificates(Diagnosis& diagnosis, const Egress& egress)
{
  std::string places = egress.ca_file;
  if (!egress.ca_file.empty() && !egress.ca_dir.empty()) places += " and ";
  places += egress.ca_dir;
  diagnosis.add("certificates", State::used, places.empty() ? "the system's" : places);
}

void tell_way(Diagnosis& diagnosis, const EcrEndpoint& endpoint, const Egress& egress)
{
  diagnosis.add("region", State::good, endpoint.region);
  std::string hosts;
  for (const auto& url : endpoint.urls)
    hosts += (hosts.empty() ? "" : ", else ") + aws::host_of(url);
  diagnosis.add("endpoint", State::good, hosts);
  tell_proxy(diagnosis, endpoint.urls.front(), egress);
  tell_certificates(diagnosis, egress);
}

// Nothing named the machine: it was asked since nothing else was left, and is none of EC2's.
bool was_last_resort(const aws::AwsSource& source, const Error& error)
{
  return std::holds_alternative<aws::InstanceMetadata>(source.origin) && !source.profile &&
         is_temporary(error.code);
}

} // namespace

void tell_sources(Diagnosis& diagnosis, const aws::ChainTrace& trace)
{
  for (const auto& step : trace.steps) {
    std::string text(step.source);
    if (!step.why.empty()) text += ": " + step.why;
    diagnosis.add("source", state_of(step.outcome), std::move(text));
  }
}

asio::awaitable<void> Examination::examine(std::shared_ptr<Diagnosis> diagnosis,
                                           aws::AwsSourcePtr source,
                                           EcrEndpoint endpoint,
                                           Egress egress,
                                           Result<aws::Issuer> sts)
{
  tell_way(*diagnosis, endpoint, egress);
  auto keys = co_await obtain(diagnosis, source, egress);
  if (!keys) co_return;
  if (!sts) co_return diagnosis->add("principal", State::warning, sts.error().what);
  auto principal = co_await aws::ask_caller_identity(
      clock_, http_, std::move(source), std::move(*keys), std::move(*sts), std::move(egress));
  if (!principal)
    co_return diagnosis->add("principal", State::warning,
                             "not known, which hinders nothing: " + principal.error().what);
  diagnosis->add("principal", State::good, principal->arn + ", account " + principal->account);
  diagnosis->principal = std::move(*principal);
}

// From the first keys to the last role.
asio::awaitable<Result<aws::AwsKeys>>
Examination::obtain(std::shared_ptr<Diagnosis> diagnosis, aws::AwsSourcePtr source, Egress egress)
{
  if (source->base) {
    auto base = co_await obtain(diagnosis, source->base, egress);
    if (!base) co_return base.error();
  }
  std::string what = aws::origin_phrase(source->origin, source->place);
  auto keys = co_await keys_.get(source, std::move(egress));
  if (keys) {
    diagnosis->add("keys", State::good, std::move(what));
    co_return keys;
  }
  if (was_last_resort(*source, keys.error())) diagnosis->trouble = Diagnosis::Trouble::no_source;
  diagnosis->add("keys", State::failed, what + ": " + keys.error().what);
  co_return keys.error();
}

} // namespace purser::ecr
