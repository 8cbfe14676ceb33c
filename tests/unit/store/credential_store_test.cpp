#include "daemon/store/credential_store.hpp"
#include "daemon/store/memory_store.hpp"
#include "daemon/store/sealed_file_store.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace purser {
namespace {

namespace asio = boost::asio;

struct Memory {
  explicit Memory(asio::io_context&) {}
  MemoryStore store;
};

struct Sealed {
  explicit Sealed(asio::io_context& loop)
    : files(loop.get_executor(), "files", 2)
    , store(loop.get_executor(),
            files,
            folder / "state/credentials",
            KeyLadder(KeyPlaces{"", "", folder / "kept/key"}))
  {
  }
  TemporaryFolder folder;
  WorkerPool files;
  SealedFileStore store;
};

// What every CredentialStore does.
template <class Kind>
class CredentialStoreTest : public testing::Test {
protected:
  template <class T>
  Result<T> run(asio::awaitable<Result<T>> verb)
  {
    std::optional<Result<T>> outcome;
    asio::co_spawn(loop, std::move(verb), [&outcome](std::exception_ptr thrown, Result<T> result) {
      if (thrown) std::rethrow_exception(thrown);
      outcome.emplace(std::move(result));
    });
    loop.restart();
    loop.run();
    return std::move(*outcome);
  }

  std::string get(std::string space, std::string key)
  {
    auto found = run(store().get(std::move(space), std::move(key)));
    if (!found) return found.error().what;
    return *found ? (*found)->username + ":" + std::string((*found)->secret.reveal()) : "not found";
  }
  void put(std::string space, std::string key, std::string_view secret)
  {
    Credential credential("ann", Secret(secret));
    EXPECT_TRUE(run(store().store(std::move(space), std::move(key), std::move(credential))));
  }
  CredentialStore& store() { return kind.store; }

  asio::io_context loop;
  Kind kind{loop};
};

using Kinds = testing::Types<Memory, Sealed>;
TYPED_TEST_SUITE(CredentialStoreTest, Kinds, );

TYPED_TEST(CredentialStoreTest, StoresGetsAndErases)
{
  EXPECT_EQ(this->get("", "a"), "not found");
  this->put("", "a", "fake-1");
  this->put("", "a", "fake-2");
  EXPECT_EQ(this->get("", "a"), "ann:fake-2");
  EXPECT_TRUE(this->run(this->store().erase("", "a")));
  EXPECT_TRUE(this->run(this->store().erase("", "a")));
  EXPECT_EQ(this->get("", "a"), "not found");
}

TYPED_TEST(CredentialStoreTest, KeepsNamespacesApart)
{
  this->put("", "a", "fake-1");
  this->put("job", "a", "fake-2");
  EXPECT_EQ(this->get("", "a"), "ann:fake-1");
  EXPECT_EQ(this->get("job", "a"), "ann:fake-2");
}

TYPED_TEST(CredentialStoreTest, ListsSortedByKey)
{
  this->put("", "b", "fake");
  this->put("", "a", "fake");
  this->put("job", "c", "fake");
  const auto names = this->run(this->store().list(""));
  ASSERT_TRUE(names);
  ASSERT_EQ(names->size(), 2U);
  EXPECT_EQ(names->at(0).key, "a");
  EXPECT_EQ(names->at(1).key, "b");
  EXPECT_EQ(names->at(1).username, "ann");
}

TYPED_TEST(CredentialStoreTest, CanBeCheckedBeforeAnythingIsStored)
{
  EXPECT_TRUE(this->run(this->store().check()));
  EXPECT_EQ(this->run(this->store().list("")).value().size(), 0U);
  this->put("", "a", "fake");
  EXPECT_TRUE(this->run(this->store().check()));
}

TYPED_TEST(CredentialStoreTest, LosesNothingOfManyAtOnce)
{
  int stored = 0;
  for (int i = 0; i < 50; ++i) {
    Credential credential("ann", Secret("fake"));
    asio::co_spawn(this->loop,
                   this->store().store("", "key-" + std::to_string(i), std::move(credential)),
                   [&stored](std::exception_ptr, Result<> outcome) { stored += outcome ? 1 : 0; });
  }
  this->loop.run();
  EXPECT_EQ(stored, 50);
  EXPECT_EQ(this->run(this->store().list("")).value().size(), 50U);
}

TYPED_TEST(CredentialStoreTest, ClearsOneNamespace)
{
  for (const auto* space : {"", "job", "job-2"}) {
    this->put(space, "a", "fake");
    this->put(space, "b", "fake");
  }
  EXPECT_EQ(this->run(this->store().clear("job")).value(), 2U);
  EXPECT_EQ(this->run(this->store().clear("job")).value(), 0U);
  EXPECT_EQ(this->get("job", "a"), "not found");
  EXPECT_EQ(this->get("job-2", "a"), "ann:fake");
  EXPECT_EQ(this->get("", "b"), "ann:fake");
}

using SealedStoreTest = CredentialStoreTest<Sealed>;

TEST_F(SealedStoreTest, CountsAndListsTheNamespacesThatCallersCanBeIn)
{
  put("", "a", "fake");
  put("job", "b", "fake");
  put("job", "c", "fake");
  put("not:for-callers", "d", "fake");
  EXPECT_EQ(run(store().spaces()).value(), (SpaceSizes{{"job", 2}}));
  std::string all;
  for (const auto& name : run(store().list_all()).value())
    all += name.key;
  EXPECT_EQ(all, "abc");
}

} // namespace
} // namespace purser
