// The sealed file store as a process of its own, for tests that start many, kill them,
// or make their system calls fail.
//
//   store_tool CREDENTIALS KEYFILE VERB...
//     get SPACE KEY           prints the user name and the secret, a line each
//     store SPACE KEY USER    the secret is standard input
//     erase SPACE KEY
//     list SPACE              prints a key and a user name a line
//     store-each SPACE USER KEY...   one after the other; secret fake-KEY; prints each
//                             key as soon as it is stored
//     count-up KEY            stores 1, 2, 3, ... and prints each when it is stored
//
// Exit status: 0; 1 not found; 2 and "CODE: WHAT" on standard error. The key ladder begins
// with $CREDENTIALS_DIRECTORY; KEYFILE is the generated one.
#include "daemon/async/worker.hpp"
#include "daemon/seal/arena.hpp"
#include "daemon/store/sealed_file_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace purser;

constexpr int k_not_found = 1;
constexpr int k_failed = 2;

using Words = std::vector<std::string>;

int failed(const Error& error)
{
  std::cerr << to_string(error.code) << ": " << error.what << '\n';
  return k_failed;
}

asio::awaitable<int> get(CredentialStore& store, Words words)
{
  const auto found = co_await store.get(words.at(0), words.at(1));
  if (!found) co_return failed(found.error());
  if (!*found) co_return k_not_found;
  std::cout << (*found)->username << '\n' << (*found)->secret.reveal() << '\n';
  co_return 0;
}

asio::awaitable<int> put(CredentialStore& store, Words words)
{
  const std::string secret{std::istreambuf_iterator<char>(std::cin), {}};
  Credential credential(words.at(2), Secret(secret));
  const auto stored = co_await store.store(words.at(0), words.at(1), std::move(credential));
  co_return stored ? 0 : failed(stored.error());
}

asio::awaitable<int> erase(CredentialStore& store, Words words)
{
  const auto erased = co_await store.erase(words.at(0), words.at(1));
  co_return erased ? 0 : failed(erased.error());
}

asio::awaitable<int> list(CredentialStore& store, Words words)
{
  auto asked = store.list(words.at(0));
  const auto names = co_await std::move(asked);
  if (!names) co_return failed(names.error());
  for (const auto& name : *names)
    std::cout << name.key << ' ' << name.username << '\n';
  co_return 0;
}

asio::awaitable<int> store_each(CredentialStore& store, Words words)
{
  for (std::size_t i = 2; i < words.size(); ++i) {
    Credential credential(words.at(1), Secret("fake-" + words[i]));
    const auto stored = co_await store.store(words.at(0), words[i], std::move(credential));
    if (!stored) co_return failed(stored.error());
    std::cout << words[i] << std::endl; // flushed: it is acknowledged
  }
  co_return 0;
}

asio::awaitable<int> count_up(CredentialStore& store, Words words)
{
  for (int i = 1;; ++i) {
    Credential credential("ann", Secret(std::to_string(i)));
    const auto stored = co_await store.store("", words.at(0), std::move(credential));
    if (!stored) co_return failed(stored.error());
    std::cout << i << std::endl;
  }
}

struct Verb {
  std::string_view name;
  std::size_t words;
  asio::awaitable<int> (*run)(CredentialStore&, Words);
};

constexpr Verb k_verbs[]{{"get", 2, get},
                         {"store", 3, put},
                         {"erase", 2, erase},
                         {"list", 1, list},
                         {"store-each", 2, store_each},
                         {"count-up", 1, count_up}};

int run(const Verb& verb, const std::string& credentials, const std::string& key_file, Words words)
{
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  KeyPlaces places{directory == nullptr ? "" : directory, "", key_file};
  asio::io_context loop;
  WorkerPool files(loop.get_executor(), "files", 2);
  SealedFileStore store(loop.get_executor(), files, credentials, KeyLadder(std::move(places)));
  int status = k_failed;
  asio::co_spawn(loop, verb.run(store, std::move(words)), [&status](std::exception_ptr e, int s) {
    if (e) std::rethrow_exception(e);
    status = s;
  });
  loop.run();
  return status;
}

} // namespace

int main(int argc, char** argv)
{
  (void)init_arena();
  const std::vector<std::string> given(argv + 1, argv + argc);
  for (const auto& verb : k_verbs)
    if (given.size() >= 3 + verb.words && given[2] == verb.name)
      return run(verb, given[0], given[1], Words(given.begin() + 3, given.end()));
  std::cerr << "usage: store_tool CREDENTIALS KEYFILE VERB...\n";
  return k_failed;
}
