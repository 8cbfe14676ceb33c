#include "cli/audit_text.hpp"
#include "cli/printable.hpp"
#include "cli/status_text.hpp"
#include "cli/table.hpp"
#include "common/duration_text.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace purser::cli {
namespace {

using Json = nlohmann::json;

std::string shown(const Json& status, bool verbose = false)
{
  std::ostringstream out;
  print_status(status, verbose, out);
  return out.str();
}

Json healthy()
{
  return Json::parse(R"({
    "version": "0.1.0", "pid": 4242, "uptime_seconds": 86, "socket": "/run/agent.sock",
    "started_by": "systemd", "config": {"path": "/c.json", "error": null},
    "store": {"description": "sealed file /s", "error": null},
    "cache": {"kept_in": "/k", "error": null}, "memory_locked": true,
    "entries": [{"provider": "ecr", "registries": ["a.example", "b.example"],
      "identity": "1f0c9a2e", "source": "profile prod", "state": "fresh", "age_seconds": 60,
      "remaining_seconds": 43140, "renew_in_seconds": 19000, "last_error": null,
      "next_attempt_in_seconds": null, "degraded": false, "in_flight": false,
      "expires_at": "2026-01-02T15:03:05Z", "renew_at": "2026-01-02T08:20:45Z",
      "last_outcome": "ok", "last_outcome_at": "2026-01-02T03:03:06Z", "failing_since": null,
      "attempts": 3, "failures": 1,
      "seconds_in": {"fresh": 60, "due": 5, "critical": 0, "expired": 0}}]})");
}

TEST(Status, ShowsTheDaemonAndItsTokens)
{
  EXPECT_EQ(shown(healthy()),
            "purserd 0.1.0, pid 4242, up 1 m 26 s, started by systemd\n"
            "socket   /run/agent.sock\n"
            "config   /c.json\n"
            "store    sealed file /s\n"
            "cache    /k\n"
            "\n"
            "STATE  REMAINING  NEXT               SOURCE        REGISTRY\n"
            "fresh  11 h 59 m  renew in 5 h 16 m  profile prod  a.example,b.example\n");
}

TEST(Status, ShowsAllThatIsKnownWhereAskedTo)
{
  const auto text = shown(healthy(), true);
  EXPECT_EQ(text.substr(text.find("\n\n") + 2),
            "a.example,b.example\n"
            "  token     1f0c9a2e, ecr, profile prod\n"
            "  state     fresh, 1 m old, lives another 11 h 59 m, until 2026-01-02T15:03:05Z\n"
            "  renewal   in 5 h 16 m, at 2026-01-02T08:20:45Z\n"
            "  last try  ok, at 2026-01-02T03:03:06Z\n"
            "  attempts  3, failed 1\n"
            "  spent     1 m fresh, 5 s due, 0 s critical, 0 s expired\n");
}

TEST(Status, SaysWhatIsServedThoughItsRenewalFails)
{
  auto status = healthy();
  auto& entry = status["entries"][0];
  entry["degraded"] = true;
  entry["last_outcome"] = "forbidden";
  entry["last_error"] = "not allowed";
  entry["failing_since"] = "2026-01-02T03:00:00Z";
  entry["next_attempt_in_seconds"] = 30;
  EXPECT_NE(shown(status).find("\ndegraded  11 h 59 m  retry in 30 s  "), std::string::npos);
  const auto details = shown(status, true);
  for (const auto* part :
       {"  state     fresh and degraded, 1 m old",
        "  last try  forbidden, at 2026-01-02T03:03:06Z; failing since 2026-01-02T03:00:00Z\n",
        "  error     not allowed\n  next try  in 30 s\n"})
    EXPECT_NE(details.find(part), std::string::npos) << part << " in " << details;
}

TEST(Status, ALineAndEachDetailFitIntoEightyColumns)
{
  auto status = healthy();
  status["entries"][0]["registries"] = {"123456789012.dkr.ecr.eu-central-1.amazonaws.com"};
  std::istringstream details(shown(status, true));
  for (std::string line; std::getline(details, line);)
    EXPECT_LE(line.size(), 80U) << line;
  std::istringstream table(shown(status));
  for (std::string line; std::getline(table, line);)
    EXPECT_LE(line.find("123456789012") == std::string::npos ? 0 : line.find(".ecr."), 80U);
}

TEST(Status, SaysThatThereIsNothingYet)
{
  auto status = healthy();
  status["entries"] = Json::array();
  EXPECT_NE(shown(status).find("\nno tokens yet\n"), std::string::npos);
}

TEST(Status, NamesWhatIsWrong)
{
  auto status = healthy();
  status["config"]["error"] = "/c.json: registrys: unknown key";
  status["store"]["error"] = "the key is missing";
  status["cache"]["error"] = "/k is open to others";
  status["memory_locked"] = false;
  status["hardening"]["missing"] = {"files: the kernel has no Landlock"};
  status["entries"][0]["last_error"] = "throttled";
  status["entries"][0]["next_attempt_in_seconds"] = 30;
  const auto text = shown(status);
  for (const auto* part :
       {"NOT IN USE: /c.json: registrys: unknown key", "FAILS: the key is missing", "NOT LOCKED",
        "sandbox  INCOMPLETE: files: the kernel has no Landlock", "a.example,b.example: throttled",
        "retry in 30 s"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST(Status, ReadsAnAnswerOfAnotherVersion)
{
  EXPECT_EQ(shown(Json::parse(R"({"entries": [{"state": 7, "registries": "x"}, 3], "pid": []})")),
            "purserd -, pid -, up -, started by -\n"
            "socket   -\n"
            "config   -\n"
            "store    -\n"
            "\n"
            "STATE  REMAINING  NEXT  SOURCE  REGISTRY\n"
            "7      -          -     -       -\n");
}

TEST(Status, DoesNotLetANameCommandTheTerminal)
{
  auto status = healthy();
  status["entries"][0]["source"] = "profile \x1b[31mred\n\u009b31m";
  EXPECT_NE(shown(status).find("profile ?[31mred??31m"), std::string::npos) << shown(status);
}

TEST(Audit, ShowsOneLineForEachRequest)
{
  std::ostringstream out;
  print_audit(Json::parse(R"({"events": [{"at": "2026-01-02T03:04:05Z", "uid": 1000, "pid": 7,
    "executable": "/usr/bin/docker", "verb": "get", "registry": "a.example", "provider": "ecr",
    "source": "profile prod", "outcome": "ok"}, {"verb": "get", "provider": ""}]})"),
              Look(), out);
  EXPECT_EQ(out.str(),
            "TIME                  UID   PID  PROGRAM          VERB  REGISTRY   PROVIDER  SOURCE  "
            "      OUTCOME  CGROUP\n"
            "2026-01-02T03:04:05Z  1000  7    /usr/bin/docker  get   a.example  ecr       profile "
            "prod  ok       -\n"
            "-                     -     -    -                get   -          -         -       "
            "      -        -\n");
}

TEST(DurationText, HasTheTwoLargestUnits)
{
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(59), "59 s");
  EXPECT_EQ(duration_text(60), "1 m");
  EXPECT_EQ(duration_text(290), "4 m 50 s");
  EXPECT_EQ(duration_text(3600), "1 h");
  EXPECT_EQ(duration_text(43'199), "11 h 59 m");
  EXPECT_EQ(duration_text(86'400 * 3 + 3600 * 4), "3 d 4 h");
  EXPECT_EQ(duration_text(-1), "-");
}

} // namespace
} // namespace purser::cli
