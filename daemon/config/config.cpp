#include "daemon/config/config.hpp"

#include "daemon/config/checked_json.hpp"
#include "daemon/config/closest.hpp"
#include "daemon/config/object_reader.hpp"
#include "daemon/config/rule_parser.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace purser {
namespace {

constexpr std::array<std::string_view, 8> k_known{
    "version", "registries", "store", "log", "peers", "idle_exit_seconds", "min_remaining_seconds",
    "$schema"};
constexpr std::array<std::string_view, 2> k_store_keys{"key_file", "kind"};
constexpr std::array<std::string_view, 1> k_log_keys{"level"};
constexpr std::array<std::pair<std::string_view, LogLevel>, 4> k_levels{
    {{"debug", LogLevel::debug},
     {"info", LogLevel::info},
     {"warning", LogLevel::warning},
     {"error", LogLevel::error}}};

constexpr long long k_version = 1;
constexpr std::size_t k_max_rules = 10'000;
constexpr std::size_t k_max_peers = 64;
constexpr std::size_t k_max_path = 4095;
// The highest two are not users: -1 means "no change" to the kernel, -2 is its overflow.
constexpr long long k_max_uid = 4'294'967'293;
constexpr long long k_day = 86'400;

void read_version(ObjectReader& file)
{
  if (!file.has("version")) return file.complain("version", "is missing; write \"version\": 1");
  if (file.number("version", k_version, 1'000'000).value_or(k_version) != k_version)
    file.complain("version", "is newer than this purser, which knows version 1");
}

std::string place_of_rule(std::size_t i)
{
  return "registries[" + std::to_string(i) + "]";
}

// A second rule for the same pattern would never be used.
Result<> check_distinct(const std::vector<Rule>& rules)
{
  std::vector<std::pair<std::string_view, std::size_t>> patterns;
  patterns.reserve(rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i)
    patterns.emplace_back(rules[i].match, i);
  std::sort(patterns.begin(), patterns.end());
  const auto twin =
      std::adjacent_find(patterns.begin(), patterns.end(),
                         [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twin == patterns.end()) return {};
  return Error(Errc::misconfigured, place_of_rule(std::next(twin)->second) +
                                        ".match: the same as that of " +
                                        place_of_rule(twin->second));
}

std::vector<Rule> read_rules(ObjectReader& file)
{
  std::vector<Rule> rules;
  const auto* list = file.array("registries");
  if (list == nullptr) return rules;
  if (list->size() > k_max_rules) file.complain("registries", "holds more than 10,000 rules");
  for (const auto& entry : *list) {
    auto rule = parse_rule(entry, place_of_rule(rules.size()));
    if (!rule) {
      file.adopt(rule.error());
      return {};
    }
    rules.push_back(std::move(*rule));
  }
  file.adopt(check_distinct(rules));
  return rules;
}

void read_store(ObjectReader& file, Config& config)
{
  const auto* object = file.object("store");
  if (object == nullptr) return;
  ObjectReader store(*object, "store");
  store.refuse_others(k_store_keys);
  config.key_file = store.text("key_file", k_max_path);
  if (config.key_file && !config.key_file->starts_with('/'))
    store.complain("key_file", "must be an absolute path");
  const auto kind = store.text("kind", 32);
  if (kind == "file") config.store = StoreKind::file;
  if (kind == "secret-service") config.store = StoreKind::secret_service;
  if (kind && kind != "auto" && !config.store)
    store.complain("kind", "must be \"auto\", \"file\" or \"secret-service\"");
  file.adopt(store.verdict());
}

LogLevel read_log_level(ObjectReader& file)
{
  const auto* object = file.object("log");
  if (object == nullptr) return LogLevel::info;
  ObjectReader log(*object, "log");
  log.refuse_others(k_log_keys);
  const auto name = log.text("level", 16);
  const auto* found = std::find_if(k_levels.begin(), k_levels.end(),
                                   [&name](const auto& level) { return level.first == name; });
  if (name && found == k_levels.end())
    log.complain("level", "must be \"debug\", \"info\", \"warning\" or \"error\"");
  file.adopt(log.verdict());
  return found == k_levels.end() ? LogLevel::info : found->second;
}

std::vector<uid_t> read_peers(ObjectReader& file)
{
  std::vector<uid_t> peers;
  const auto* list = file.array("peers");
  if (list == nullptr) return peers;
  if (list->size() > k_max_peers) file.complain("peers", "holds more than 64 users");
  for (const auto& uid : *list) {
    if (uid.is_number_integer() && uid >= 0 && uid <= k_max_uid)
      peers.push_back(uid.get<uid_t>());
    else
      file.complain("peers", "must hold numbers of users (the command id -u prints them)");
  }
  return peers;
}

} // namespace

Result<Config> parse_config(std::string_view text)
{
  const auto json = parse_checked_json(text);
  if (!json) return json.error();
  if (!json->is_object()) return Error(Errc::misconfigured, "must be an object, { ... }");
  ObjectReader file(*json, "");
  // Before the unknown keys: a file of a later version is full of those.
  read_version(file);
  file.refuse_others(k_known);
  static_cast<void>(file.text("$schema", k_max_path));
  Config config;
  config.registries = read_rules(file);
  read_store(file, config);
  config.log_level = read_log_level(file);
  config.peers = read_peers(file);
  if (const auto seconds = file.number("idle_exit_seconds", 0, k_day))
    config.idle_exit = std::chrono::seconds(*seconds);
  if (const auto seconds = file.number("min_remaining_seconds", 0, k_day))
    config.min_remaining = std::chrono::seconds(*seconds);
  if (const auto verdict = file.verdict(); !verdict) return verdict.error();
  return config;
}

} // namespace purser
