#include "daemon/observe/life_log.hpp"

#include "common/duration_text.hpp"

#include <utility>

namespace purser {
namespace {

using Kind = RenewalEvent::Kind;
using spdlog::level::level_enum;

std::string text(Duration d)
{
  return duration_text(std::chrono::duration_cast<std::chrono::seconds>(d).count());
}

std::string attempts(std::uint64_t count)
{
  return std::to_string(count) + (count == 1 ? " failed attempt" : " failed attempts");
}

std::string arrival(const RenewalEvent& event, BootTime now)
{
  if (event.kind == Kind::unchanged) return "there is none yet that lives longer";
  const std::string lives = "lives " + text(event.life->expires_at - now);
  if (event.kind == Kind::obtained) return "obtained, " + lives;
  return "renewed at the age of " + text(now - event.before->sent_at) + " of " +
         text(event.before->length()) + ", " + lives;
}

LifeLine success(const RenewalEvent& event, BootTime now)
{
  const std::string what = arrival(event, now);
  if (event.failing_since)
    return {level_enum::warn, what + "; recovered after " + text(now - *event.failing_since) +
                                  " and " + attempts(event.failures)};
  return {event.kind == Kind::unchanged ? level_enum::debug : level_enum::info, what};
}

LifeLine failure(const RenewalEvent& event, BootTime now)
{
  const Error& error = *event.error;
  if (event.same_cause)
    return {level_enum::debug, attempts(event.failures) + " now: " + error.what};
  if (!event.life) return {level_enum::warn, "not obtained: " + error.what};
  const std::string rest = error.what + "; the one that is held is good for another " +
                           text(event.life->expires_at - now);
  if (is_temporary(error.code))
    return {level_enum::warn, "not renewed, which is tried again: " + rest};
  return {level_enum::warn, "degraded, until somebody mends it: " + rest};
}

LifeLine end(const RenewalEvent& event, BootTime now)
{
  if (event.failing_since)
    return {level_enum::warn, "expired and wiped, since for " + text(now - *event.failing_since) +
                                  " it could not be renewed (" + attempts(event.failures) + ")"};
  return {level_enum::info, "expired and wiped: it was no longer in use"};
}

LifeLine sentence(const RenewalEvent& event, BootTime now)
{
  switch (event.kind) {
  case Kind::obtained:
  case Kind::renewed:
  case Kind::unchanged: return success(event, now);
  case Kind::failed: return failure(event, now);
  case Kind::expired: return end(event, now);
  case Kind::erased: return {level_enum::info, "erased, as was asked for"};
  case Kind::evicted: return {level_enum::info, "wiped, to make room for another"};
  }
  return {level_enum::debug, "nothing of note"};
}

} // namespace

LifeLine life_line(std::string_view who, const RenewalEvent& event, BootTime now)
{
  LifeLine line = sentence(event, now);
  line.text = std::string(who) + ": " + line.text;
  return line;
}

} // namespace purser
