#include "daemon/cache/cache_memory.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace purser::test {
namespace {

struct CacheMemoryTest : testing::Test {
  std::vector<std::string> versions() const
  {
    std::vector<std::string> texts;
    for (const auto& bytes : memory.versions())
      texts.emplace_back(bytes.data(), bytes.size());
    return texts;
  }
  // The same memory, as the next process gets it.
  CacheMemory passed_on() const { return CacheMemory(FileDescriptor(::dup(memory.number()))); }

  CacheMemory memory = CacheMemory::make().value();
};

using Texts = std::vector<std::string>;

TEST_F(CacheMemoryTest, OnlyTheNewestVersionIsLeft)
{
  EXPECT_EQ(versions(), Texts());
  for (const std::string text : {"one", "a longer two", "3"}) {
    ASSERT_TRUE(memory.write(all_of(text)));
    EXPECT_EQ(versions(), Texts{text});
  }
}

TEST_F(CacheMemoryTest, TheNextProcessGoesOnWhereThisOneEnded)
{
  ASSERT_TRUE(memory.write(all_of("one")));
  CacheMemory next = passed_on();
  EXPECT_EQ(next.versions().size(), 1U);
  ASSERT_TRUE(next.write(all_of("two")));
  EXPECT_EQ(versions(), Texts{"two"});
}

// Before the head is written: the place has none. After it: the old version is still there.
TEST_F(CacheMemoryTest, AWriterThatDiedLeavesTheOldVersionOrBoth)
{
  ASSERT_TRUE(memory.write(all_of("one")));
  const off_t other = ::lseek(memory.number(), 0, SEEK_DATA) == 0 ? off_t{64} << 20 : 0;
  ASSERT_EQ(::pwrite(memory.number(), "torn", 4, other + 16), 4);
  EXPECT_EQ(versions(), Texts{"one"});
  const std::string head("\4\0\0\0\0\0\0\0\x9\0\0\0\0\0\0\0", 16);
  ASSERT_EQ(::pwrite(memory.number(), head.data(), head.size(), other), 16);
  EXPECT_EQ(versions(), (Texts{"torn", "one"}));
  ASSERT_TRUE(memory.write(all_of("two")));
  EXPECT_EQ(versions(), Texts{"two"});
}

TEST_F(CacheMemoryTest, PiecesAreOneVersion)
{
  ASSERT_TRUE(memory.write([](const ByteSink& sink) -> Result<> {
    for (const std::string_view piece : {"on", "", "e"})
      if (auto taken = sink(piece); !taken) return taken;
    return {};
  }));
  EXPECT_EQ(versions(), Texts{"one"});
}

TEST_F(CacheMemoryTest, AWriteThatFailsInTheMiddleLeavesTheOldVersion)
{
  ASSERT_TRUE(memory.write(all_of("a longer one")));
  const auto written = memory.write([](const ByteSink& sink) -> Result<> {
    EXPECT_TRUE(sink("half"));
    return Error{Errc::misconfigured, "fake error"};
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().what, "fake error");
  EXPECT_EQ(versions(), Texts{"a longer one"});
  ASSERT_TRUE(memory.write(all_of("two")));
  EXPECT_EQ(versions(), Texts{"two"});
}

TEST_F(CacheMemoryTest, AHeadThatPromisesTooMuchIsNoVersion)
{
  const std::string head("\xff\xff\xff\xff\xff\xff\xff\xff\x9\0\0\0\0\0\0\0", 16);
  ASSERT_EQ(::pwrite(memory.number(), head.data(), head.size(), 0), 16);
  EXPECT_EQ(versions(), Texts());
}

TEST_F(CacheMemoryTest, WhatIsNotTheNewestTakesNoMemory)
{
  const auto used = [this] {
    struct stat status {};
    ::fstat(memory.number(), &status);
    return status.st_blocks * 512;
  };
  const std::string text(1 << 20, 'x');
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(memory.write(all_of(text)));
  EXPECT_LE(used(), (1 << 20) + 4 * ::sysconf(_SC_PAGESIZE));
  memory.clear();
  EXPECT_EQ(used(), 0);
}

TEST_F(CacheMemoryTest, IsToldFromFilesAndSockets)
{
  EXPECT_TRUE(CacheMemory::is_one(memory.number()));
  const FileDescriptor file(::open("/proc/self/exe", O_RDONLY));
  EXPECT_FALSE(CacheMemory::is_one(file.number()));
  EXPECT_FALSE(CacheMemory::is_one(-1));
}

} // namespace
} // namespace purser::test
