#include "daemon/observe/audit_journal.hpp"
#include "daemon/observe/journal.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace purser {
namespace {

using Fields = std::map<std::string, std::string>;

// As systemd.io/JOURNAL_NATIVE_PROTOCOL says that it is to be read.
std::optional<Fields> fields_of(std::string_view entry)
{
  Fields fields;
  while (!entry.empty()) {
    const auto line = entry.substr(0, entry.find('\n'));
    if (line.size() == entry.size()) return std::nullopt; // cut off
    entry.remove_prefix(line.size() + 1);
    if (const auto equals = line.find('='); equals != std::string_view::npos) {
      fields[std::string(line.substr(0, equals))] = line.substr(equals + 1);
      continue;
    }
    std::uint64_t size = 0;
    if (entry.size() < sizeof(size)) return std::nullopt;
    std::memcpy(&size, entry.data(), sizeof(size)); // this machine's lowest byte is first as well
    entry.remove_prefix(sizeof(size));
    if (entry.size() < size + 1 || entry[size] != '\n') return std::nullopt;
    fields[std::string(line)] = entry.substr(0, size);
    entry.remove_prefix(size + 1);
  }
  return fields;
}

class Reader {
public:
  explicit Reader(const std::string& path)
    : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
  {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), path.size());
    EXPECT_EQ(
        ::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  std::optional<Fields> read() const
  {
    std::array<char, 65536> bytes{};
    const auto got = ::recv(socket_.number(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0) return std::nullopt;
    return fields_of({bytes.data(), static_cast<std::size_t>(got)});
  }

private:
  FileDescriptor socket_;
};

AuditEvent event()
{
  AuditEvent event;
  event.verb = "get";
  event.registry = "a.example";
  event.provider = "ecr";
  event.source = "profile prod";
  event.outcome = "ok";
  event.pid = 7;
  event.uid = 1000;
  event.executable = SharedText("/usr/bin/docker");
  event.cgroup = SharedText("/user.slice");
  return event;
}

struct JournalTest : testing::Test {
  TemporaryFolder folder;
  std::string path = folder / "socket";
};

TEST_F(JournalTest, AnEventIsFoundByItsFields)
{
  const Reader reader(path);
  AuditJournal journal{Journal(path)};
  journal.add(event());
  const auto fields = reader.read();
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->at("PURSER_REGISTRY"), "a.example");
  EXPECT_EQ(fields->at("PURSER_OUTCOME"), "ok");
  EXPECT_EQ(fields->at("PURSER_CLIENT_PID"), "7");
  EXPECT_EQ(fields->at("PURSER_CLIENT_UID"), "1000");
  EXPECT_EQ(fields->at("PURSER_CLIENT_EXE"), "/usr/bin/docker");
  EXPECT_EQ(fields->at("PURSER_CLIENT_CGROUP"), "/user.slice");
  EXPECT_EQ(
      fields->at("MESSAGE"),
      "audit: get a.example: ok from ecr (profile prod), for pid 7, uid 1000, /usr/bin/docker");
  EXPECT_EQ(fields->at("PRIORITY"), "6");
  EXPECT_EQ(fields->count("PURSER_DROPPED"), 0U);
}

TEST_F(JournalTest, ANameCannotAddAFieldOfItsOwn)
{
  const Reader reader(path);
  AuditJournal journal{Journal(path)};
  auto evil = event();
  const std::string name = "/tmp/x\nPURSER_OUTCOME=ok\n\xff";
  evil.executable = SharedText(name);
  evil.outcome = "forbidden";
  journal.add(evil);
  const auto fields = reader.read();
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->at("PURSER_CLIENT_EXE"), name);
  EXPECT_EQ(fields->at("PURSER_OUTCOME"), "forbidden");
  EXPECT_EQ(fields->at("PRIORITY"), "5");
}

TEST_F(JournalTest, WhatIsLongIsCutOff)
{
  JournalEntry entry;
  entry.add("LONG", std::string(100'000, 'x'));
  EXPECT_EQ(entry.bytes().size(), 5 + JournalEntry::k_max_value + 1);
}

TEST_F(JournalTest, ItNeverWaitsAndSaysHowManyWereDropped)
{
  Journal journal(path);
  JournalEntry entry;
  entry.add("MESSAGE", "m");
  EXPECT_FALSE(journal.send(entry)); // there is none
  EXPECT_EQ(journal.dropped(), 1U);
  const Reader reader(path);
  EXPECT_TRUE(journal.send(entry));
  EXPECT_EQ(journal.dropped(), 0U);
  int taken = 0;
  while (journal.send(entry)) // nobody reads
    ASSERT_LT(++taken, 100'000);
  EXPECT_FALSE(journal.send(entry));
  EXPECT_EQ(journal.dropped(), 2U);
  EXPECT_TRUE(reader.read());
  EXPECT_TRUE(journal.send(entry));
}

TEST_F(JournalTest, TheNextEventTellsOfThoseThatWereDropped)
{
  AuditJournal journal{Journal(path)};
  journal.add(event());
  journal.add(event());
  const Reader reader(path);
  journal.add(event());
  const auto fields = reader.read();
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->at("PURSER_DROPPED"), "2");
}

TEST(AuditJournal, IsSilentWithoutAJournal)
{
  AuditJournal journal{std::nullopt};
  journal.add(event());
}

} // namespace
} // namespace purser
