#include "common/socket_path.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

using Problem = SocketPath::Problem;

struct Row {
  const char* name;
  SocketSearch search;
  Problem problem;
  std::string_view path;
  std::string_view variable;
};

// purser_socket, xdg_runtime_dir, home, euid, run_user_is_ours
const Row k_rows[] = {
    {"SocketVariableWins",
     {"/s/a.sock", "/run/user/7", "/home/ann", 7, true},
     Problem::none,
     "/s/a.sock",
     "PURSER_SOCKET"},
    {"SocketVariableIsTakenAsItIs",
     {"/s//../a.sock", "", "", 7, false},
     Problem::none,
     "/s//../a.sock",
     "PURSER_SOCKET"},
    {"RuntimeDirBeforeRunUser",
     {"", "/tmp/ann", "/home/ann", 7, true},
     Problem::none,
     "/tmp/ann/purser/agent.sock",
     "XDG_RUNTIME_DIR"},
    {"RuntimeDirWithSlash",
     {"", "/tmp/ann//", "/home/ann", 7, true},
     Problem::none,
     "/tmp/ann/purser/agent.sock",
     "XDG_RUNTIME_DIR"},
    {"RunUserWhereItIsOurs",
     {"", "", "/home/ann", 4294967295U, true},
     Problem::none,
     "/run/user/4294967295/purser/agent.sock",
     ""},
    {"RunUserOfRoot",
     {"", "", "/root", 0, true},
     Problem::none,
     "/run/user/0/purser/agent.sock",
     ""},
    {"HomeIsTheLast",
     {"", "", "/home/ann", 7, false},
     Problem::none,
     "/home/ann/.cache/purser/run/agent.sock",
     "HOME"},
    {"HomeThatIsTheRoot",
     {"", "", "/", 7, false},
     Problem::none,
     "/.cache/purser/run/agent.sock",
     "HOME"},
    {"NoHome", {"", "", "", 7, false}, Problem::no_home, "", "HOME"},
    {"RelativeSocketIsNotSkipped",
     {"a.sock", "/run/user/7", "/home/ann", 7, true},
     Problem::relative,
     "",
     "PURSER_SOCKET"},
    {"RelativeRuntimeDirIsNotSkipped",
     {"", "run", "/home/ann", 7, true},
     Problem::relative,
     "",
     "XDG_RUNTIME_DIR"},
    {"RelativeHome", {"", "", "home", 7, false}, Problem::relative, "", "HOME"},
};

class SocketPathTable : public testing::TestWithParam<Row> {};

TEST_P(SocketPathTable, Finds)
{
  const SocketPath found = find_socket_path(GetParam().search);
  EXPECT_EQ(found.problem, GetParam().problem);
  EXPECT_EQ(found.view(), GetParam().path);
  EXPECT_EQ(found.variable, GetParam().variable);
}

INSTANTIATE_TEST_SUITE_P(Environments,
                         SocketPathTable,
                         testing::ValuesIn(k_rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(SocketPath, HoldsWhatASocketAddressHolds)
{
  const std::string longest = "/" + std::string(SocketPath::k_max_size - 1, 'x');
  SocketSearch search;
  search.purser_socket = longest;
  const SocketPath found = find_socket_path(search);
  EXPECT_EQ(found.problem, Problem::none);
  EXPECT_EQ(found.view(), longest);
  EXPECT_EQ(found.text[found.size], '\0');
}

TEST(SocketPath, NamesTheVariableThatIsTooLong)
{
  const std::string too_long = "/" + std::string(SocketPath::k_max_size, 'x');
  SocketSearch search;
  search.purser_socket = too_long;
  const SocketPath found = find_socket_path(search);
  EXPECT_EQ(found.problem, Problem::too_long);
  EXPECT_EQ(found.variable, "PURSER_SOCKET");
  EXPECT_EQ(found.view(), "");
}

TEST(SocketPath, LeavesNoHalfPathWhereOnlyOurPartDoesNotFit)
{
  const std::string folder = "/" + std::string(SocketPath::k_max_size - 10, 'x');
  SocketSearch search;
  search.xdg_runtime_dir = folder;
  search.home = "/home/ann";
  const SocketPath found = find_socket_path(search);
  EXPECT_EQ(found.problem, Problem::too_long);
  EXPECT_EQ(found.variable, "XDG_RUNTIME_DIR");
  EXPECT_EQ(found.view(), "");
}

} // namespace
} // namespace purser
