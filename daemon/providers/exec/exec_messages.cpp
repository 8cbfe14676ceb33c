#include "daemon/providers/exec/exec_messages.hpp"

#include "common/ascii.hpp"
#include "common/docker_words.hpp"
#include "daemon/formats/iso_time.hpp"
#include "daemon/formats/wiped_json.hpp"
#include "daemon/programs/program_broker.hpp"

#include <algorithm>

namespace purser {
namespace {

Error wrote(const std::string& name, const std::string& what)
{
  return with_remedy({Errc::protocol_error, name + " wrote " + what +
                                                ": have it write what docs/exec.md says, and "
                                                "everything else to standard error"});
}

Error knows_none(const std::string& name)
{
  return with_remedy({Errc::not_configured,
                      name + " knows of no credential for this registry: give it one, or set "
                             "\"anonymous\" in the rule where clients may go on without"});
}

// What HTTP's Basic authentication can carry (RFC 7617, section 2).
bool is_sendable(std::string_view text)
{
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Result<MintedCredential>
credential(const std::string& name, std::string_view username, std::string_view secret)
{
  if (!is_sendable(username) || !is_sendable(secret))
    return wrote(name, "a user name or secret with control characters");
  if (username.find(':') != std::string_view::npos) return wrote(name, "a user name with a colon");
  return MintedCredential(std::string(username), Secret(secret));
}

Result<MintedCredential> read_ours(const std::string& name, std::string_view output)
{
  WipedJson json(output);
  if (!json.is_object()) return wrote(name, "something other than one JSON object");
  if (json.json().contains("version") && json.number("version") != 1)
    return wrote(name, "another \"version\" than 1");
  const auto username = json.text("username");
  const auto secret = json.text("secret");
  if (username.empty() || secret.empty()) return wrote(name, "no \"username\" or no \"secret\"");
  auto minted = credential(name, username, secret);
  if (!minted || !json.json().contains("expires")) return minted;
  minted->expires_at = parse_rfc3339(json.text("expires"));
  if (!minted->expires_at) return wrote(name, "an \"expires\" that is no time of RFC 3339");
  return minted;
}

Result<MintedCredential> read_helper(const std::string& name, std::string_view output)
{
  const WipedJson json(output);
  if (!json.is_object()) return wrote(name, "something other than one JSON object");
  const auto username = json.text("Username");
  const auto secret = json.text("Secret");
  // So some helpers say that a client is to go on without.
  if (username.empty() && secret.empty()) return knows_none(name);
  if (username.empty() || secret.empty()) return wrote(name, "no \"Username\" or no \"Secret\"");
  return credential(name, username, secret);
}

// Helpers write to standard output why they fail.
void take_sentence(Outcome& outcome)
{
  const auto text = outcome.output.reveal();
  if (outcome.words.empty() && text.find('{') == std::string_view::npos)
    outcome.words = last_line(text);
}

// How far a zone is before UTC: `+02:00`.
std::optional<Duration> zone_offset(std::string_view zone)
{
  const auto digit = [zone](std::size_t at) { return zone[at] - '0'; };
  for (const std::size_t at : {1U, 2U, 4U, 5U})
    if (digit(at) < 0 || digit(at) > 9) return std::nullopt;
  const int hours = digit(1) * 10 + digit(2);
  const int minutes = digit(4) * 10 + digit(5);
  if (zone[3] != ':' || hours > 23 || minutes > 59) return std::nullopt;
  const Duration offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return zone[0] == '-' ? -offset : offset;
}

} // namespace

Result<MintedCredential>
read_answer(ExecProtocol protocol, const std::string& name, Outcome outcome, Duration limit)
{
  const bool exited = outcome.ending == Ending::exited;
  const bool ours = protocol == ExecProtocol::purser;
  if (exited && outcome.value == 0)
    return ours ? read_ours(name, outcome.output.reveal())
                : read_helper(name, outcome.output.reveal());
  if (exited && ours && outcome.value == k_exit_no_credential) return knows_none(name);
  if (exited && !ours) {
    if (trimmed(outcome.output.reveal()) == docker_words::k_not_found) return knows_none(name);
    take_sentence(outcome);
  }
  return program_failure(name, outcome, limit);
}

std::optional<WallTime> parse_rfc3339(std::string_view text)
{
  constexpr std::size_t k_zone = 6; // of `+00:00`
  constexpr std::size_t k_year = 4;
  constexpr std::size_t k_longest = 64;
  if (text.size() <= k_zone || text.size() > k_longest) return std::nullopt;
  std::string utc(text);
  std::transform(utc.begin(), utc.end(), utc.begin(), ascii_upper); // `t` and `z`
  Duration offset{};
  if (const auto sign = utc[utc.size() - k_zone]; sign == '+' || sign == '-') {
    const auto found = zone_offset(std::string_view(utc).substr(utc.size() - k_zone));
    if (!found) return std::nullopt;
    offset = *found;
    utc.replace(utc.size() - k_zone, k_zone, "Z");
  }
  if (!utc.ends_with('Z')) return std::nullopt;
  // Some write the year 9999 for "never". This one has a 29th of February, too.
  if (utc.compare(0, k_year, "2199") > 0) utc.replace(0, k_year, "2196");
  const auto time = parse_iso_time(utc);
  if (!time) return std::nullopt;
  return *time - offset;
}

} // namespace purser
