#include "cli/audit_text.hpp"
#include "cli/journalctl.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace purser::cli {
namespace {

using Json = nlohmann::json;

Json event()
{
  return Json::parse(
      R"({"at": "2026-01-02T03:04:05Z", "uid": 1000, "pid": 7, "executable": "/usr/bin/docker",
    "verb": "get", "registry": "a.example/team", "provider": "ecr", "source": "profile prod", "outcome": "ok",
    "cgroup": "/user.slice"})");
}

std::vector<std::string> shown(std::size_t columns)
{
  Look look;
  look.terminal = columns != 0;
  look.columns = columns;
  std::vector<std::string> lines;
  for (const Line& line : event_lines(event(), look))
    lines.push_back(rendered(line, look));
  return lines;
}

TEST(AuditEvent, IsOneLineInAPipeAndWhereItFits)
{
  const std::vector<std::string> one{"2026-01-02T03:04:05Z  get  a.example/team  ok from ecr "
                                     "(profile prod), for /usr/bin/docker, pid 7, "
                                     "uid 1000, cgroup /user.slice"};
  EXPECT_EQ(shown(0), one);
  EXPECT_EQ(shown(200), one);
}

TEST(AuditEvent, IsSeveralOnANarrowTerminal)
{
  EXPECT_EQ(shown(80),
            (std::vector<std::string>{
                "2026-01-02T03:04:05Z  get  a.example/team",
                "    ok from ecr (profile prod), for /usr/bin/docker, pid 7, uid 1000, cgroup",
                "    /user.slice"}));
}

TEST(AuditEvent, IsAboutARegistryAndWhatIsInIt)
{
  EXPECT_TRUE(is_about(event(), "a.example"));
  EXPECT_TRUE(is_about(event(), "a.example/team"));
  EXPECT_FALSE(is_about(event(), "a.example/te"));
  EXPECT_FALSE(is_about(event(), "b.example"));
}

TEST(LogUnit, IsTheServiceThatTheDaemonRunsIn)
{
  const auto own =
      unit_in("0::/user.slice/user-1000.slice/user@1000.service/app.slice/purser.service\n");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->name, "purser.service");
  EXPECT_TRUE(own->of_user);
  const auto system = unit_in("0::/system.slice/system-purser.slice/purser@ann.service\n");
  ASSERT_TRUE(system);
  EXPECT_EQ(system->name, "purser@ann.service");
  EXPECT_FALSE(system->of_user);
  EXPECT_FALSE(unit_in("0::/user.slice/user-1000.slice/session-2.scope\n"));
  EXPECT_FALSE(unit_in("0::/\n"));
  EXPECT_FALSE(unit_in(""));
}

TEST(Journalctl, IsToldWhatWasAskedFor)
{
  LogsForm form;
  form.follow = form.json = true;
  form.lines = 20;
  EXPECT_EQ(journalctl_arguments({"purser.service", true}, form),
            (std::vector<std::string>{"journalctl", "--user", "--unit", "purser.service", "--lines",
                                      "20", "--follow", "--output", "json"}));
  EXPECT_EQ(journalctl_arguments({"purser@ann.service", false}, {}),
            (std::vector<std::string>{"journalctl", "--unit", "purser@ann.service"}));
}

} // namespace
} // namespace purser::cli
