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
//     rotate, wrap, unwrap    change the key; the passphrase is standard input
//     recover                 prints the names that are lost, a line each
//
// Exit status: 0; 1 not found; 2 and "CODE: WHAT" on standard error. The key ladder begins
// with $CREDENTIALS_DIRECTORY; KEYFILE is the generated one.
#include "daemon/async/worker.hpp"
#include "daemon/seal/arena.hpp"
#include "daemon/store/key_changes.hpp"
#include "daemon/store/sealed_file_store.hpp"
#include "daemon/store/store_recovery.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace purser;

constexpr int k_not_found = 1;
constexpr int k_failed = 2;

using Words = std::vector<std::string>;

struct Places {
  std::string credentials;
  KeyPlaces key;
};

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

KeyChanges changes(const Places& places)
{
  const auto held = std::make_shared<HeldKeys>();
  return {places.credentials, KeyLadder(places.key, held), held};
}

int change_key(const std::string& verb, const Places& places)
{
  const auto keys = changes(places);
  const Secret passphrase(std::string{std::istreambuf_iterator<char>(std::cin), {}});
  if (verb == "rotate") {
    const auto rotated = keys.rotate(passphrase);
    return rotated ? 0 : failed(rotated.error());
  }
  const auto done = verb == "wrap" ? keys.wrap(passphrase) : keys.unwrap(passphrase);
  return done ? 0 : failed(done.error());
}

int recover(const Places& places)
{
  const auto done = recover_store(places.credentials, KeyLadder(places.key));
  if (!done) return failed(done.error());
  for (const auto& name : done->lost)
    std::cout << name.key << '\n';
  return 0;
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

int run(const Verb& verb, const Places& places, Words words)
{
  asio::io_context loop;
  WorkerPool files(loop.get_executor(), "files", 2);
  SealedFileStore store(loop.get_executor(), files, places.credentials, KeyLadder(places.key));
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
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (given.size() >= 3) {
    const Places places{given[0], KeyPlaces{directory == nullptr ? "" : directory, "", given[1]}};
    const std::string& name = given[2];
    if (name == "rotate" || name == "wrap" || name == "unwrap") return change_key(name, places);
    if (name == "recover") return recover(places);
    for (const auto& verb : k_verbs)
      if (given.size() >= 3 + verb.words && name == verb.name)
        return run(verb, places, Words(given.begin() + 3, given.end()));
  }
  std::cerr << "usage: store_tool CREDENTIALS KEYFILE VERB...\n";
  return k_failed;
}
