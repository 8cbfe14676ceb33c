// The file that keeps the cache, as a process of its own, for tests that kill it, make its
// system calls fail, or judge what it wrote.
//
//   cache_tool FOLDER save SECRET   restores, then saves one token with that secret; an empty
//                                   one stands for an empty cache
//   cache_tool FOLDER show          restores, and prints the secrets of the tokens, a line each
//
// The cache is FOLDER/state/cache, its key FOLDER/kept/key. Exit status: 0, or 2 and
// "CODE: WHAT" on standard error; what restoring says goes there, too.
#include "daemon/cache/cache_vault.hpp"
#include "daemon/cache/process_key.hpp"
#include "daemon/seal/arena.hpp"

#include <ctime>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace purser;
using namespace std::chrono_literals;

constexpr int k_failed = 2;
constexpr std::string_view k_identity = "fake-identity";

Moment now()
{
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return {BootTime(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec)),
          std::chrono::system_clock::now()};
}

KeptToken token(const SealingKey& key, std::string_view secret)
{
  const BootTime sent = now().boot;
  KeptToken token;
  token.provider = "ecr";
  token.identity = k_identity;
  token.source = "profile marker-profile";
  token.registries = {"marker.example.com"};
  token.username = "marker-user";
  token.sealed = std::make_shared<const std::string>(key.seal(secret, k_identity));
  token.life = Lifetime{sent, sent + 5h, sent + 12h};
  token.last_used = sent;
  return token;
}

int save(CacheVault& vault, const ProcessKey& key, const std::string& secret)
{
  KeptCache kept;
  if (!secret.empty()) kept.tokens.push_back(token(key.key(), secret));
  const auto saved = vault.save(key.bytes(), kept, now());
  if (saved) return 0;
  std::cerr << to_string(saved.error().code) << ": " << saved.error().what << '\n';
  return k_failed;
}

int show(const ProcessKey& key, const CacheVault::Restored& restored)
{
  for (const auto& token : restored.kept.tokens) {
    const auto secret = key.key().open(*token.sealed, token.identity);
    if (!secret) return k_failed;
    std::cout << secret->reveal() << '\n';
  }
  return 0;
}

} // namespace

int main(int argc, char** argv)
{
  (void)init_arena();
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2) return k_failed;
  const std::string& folder = words[0];
  CacheVault vault(folder + "/state/cache", folder + "/state/credentials",
                   KeyLadder(KeyPlaces{"", "", folder + "/kept/key"}));
  auto restored = vault.restore(now());
  if (!restored.trouble.empty()) std::cerr << restored.trouble << '\n';
  ProcessKey key;
  if (restored.process_key && !key.become(std::move(*restored.process_key))) return k_failed;
  if (words[1] == "show") return show(key, restored);
  if (words[1] == "save" && words.size() == 3) return save(vault, key, words[2]);
  return k_failed;
}
