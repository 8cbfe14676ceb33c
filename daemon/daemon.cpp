#include "daemon/daemon.hpp"

#include "common/protocol.hpp"
#include "common/version.hpp"
#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/config/broken_config.hpp"
#include "daemon/config/small_file.hpp"
#include "daemon/observe/log.hpp"
#include "daemon/programs/broker_process.hpp"
#include "daemon/restart/successor.hpp"
#include "daemon/seal/program_pages.hpp"
#include "daemon/server/managed_hosts.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr std::size_t k_max_index = std::size_t{1} << 20;

constexpr Duration k_idle_interval = std::chrono::seconds(15);
constexpr Duration k_least_idle_pause = std::chrono::milliseconds(100);

// When to look again whether a daemon is idle that lacks `left` of its time without requests. What
// else keeps it, and a reload, are seen with the interval.
constexpr Duration pause_before_idle(Duration left)
{
  if (left <= Duration::zero()) return k_idle_interval;
  return std::clamp(left, k_least_idle_pause, k_idle_interval);
}
static_assert(pause_before_idle(std::chrono::seconds(3)) == std::chrono::seconds(3));
static_assert(pause_before_idle(std::chrono::seconds(900)) == k_idle_interval);
static_assert(pause_before_idle(std::chrono::microseconds(1)) == k_least_idle_pause);
static_assert(pause_before_idle(Duration::zero()) == k_idle_interval);

DaemonFacts facts_of(const Options& options,
                     const Paths& paths,
                     bool by_systemd,
                     Protection protection,
                     BootTime now)
{
  DaemonFacts facts;
  facts.socket = paths.socket;
  facts.started_by = options.for_job             ? "job"
                     : by_systemd                ? "systemd"
                     : options.started_by_helper ? "helper"
                                                 : "hand";
  facts.config_path = paths.config;
  facts.memory_locked = protection.arena == ArenaState::locked;
  facts.sandbox = std::move(protection.sandbox);
  facts.started_at = now;
  facts.run = std::to_string(now.time_since_epoch().count()) + "-" + std::to_string(::getpid());
  return facts;
}

// It is installed beside us.
std::string keyring_program(const std::string& own)
{
  return own.substr(0, own.rfind('/') + 1) + "purser-keyring";
}

// What leads to the session bus, and to the home in which it may have to be looked for.
std::vector<std::string> keyring_environment()
{
  std::vector<std::string> entries;
  for (const char* const name : {"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "HOME"})
    if (const char* const value = ::getenv(name))
      entries.push_back(std::string(name) + "=" + value);
  return entries;
}

std::optional<std::string> own_home()
{
  const char* const home = ::getenv("HOME");
  return home == nullptr ? std::nullopt : std::optional<std::string>(home);
}

// For providers that answer where the configuration says so, and nowhere else.
bool only_by_rule(const RegistryKey&)
{
  return false;
}

// Writes only what differs: most starts change nothing, and a disk need not be woken.
Result<bool> replace_index(const std::string& path, const std::string& lines)
{
  const auto before = read_own_file(path, k_max_index);
  if (before && *before && **before == lines) return false;
  const auto replaced = replace_file(path, lines);
  if (!replaced) return replaced.error();
  return true;
}

asio::awaitable<Result<>> until_written(std::shared_ptr<Event> writing)
{
  co_await writing->wait();
  co_return Result<>{};
}

} // namespace

Daemon::Daemon(Options options,
               Paths paths,
               ServiceManager manager,
               Protection protection,
               FileDescriptor broker,
               FileDescriptor cache)
  : options_(options)
  , paths_(std::move(paths))
  , manager_(std::move(manager))
  , reload_(ex_,
            clock_,
            files_,
            ConfigFile(paths_.config, paths_.last_good, paths_.config_named),
            settings_,
            [this] { apply_settings(); })
  , http_(ex_, clock_, resolver_, files_)
  , programs_(ex_, clock_, std::move(broker))
  , file_store_(ex_, files_, paths_.store.credentials, ladder())
  , keyring_store_(ex_, programs_, keyring_program(program_.path()), keyring_environment())
  , chooser_(ex_,
             clock_,
             files_,
             ChoiceFile(paths_.store_choice),
             SessionBus(keyring_environment()),
             store_sources(),
             [this] { spawn(ex_, "index", write_index()); })
  , store_(ex_, clock_, chooser_, file_store_, keyring_store_)
  , migration_(ex_, clock_, files_, paths_.store_choice + ".lock", store_, chooser_)
  , ecr_(ex_, clock_, http_, files_, programs_, process_environment(), process_key_.key())
  , env_(clock_, files_, process_key_.key())
  , exec_(ex_, clock_, files_, programs_, process_environment(), process_key_.key())
  , challenges_(
        ex_, clock_, http_, [this] { return fraction(); }, process_key_.key())
  , bearer_(ex_,
            {clock_, http_, store_, challenges_, process_key_.key()},
            [this] { return fraction(); })
  , providers_({ProviderSpec{"ecr", ecr::serves, ecr::anonymous, &ecr_},
                ProviderSpec{"env", only_by_rule, only_by_rule, &env_},
                ProviderSpec{"exec", only_by_rule, only_by_rule, &exec_},
                ProviderSpec{"bearer", only_by_rule, only_by_rule, &bearer_}})
  , tokens_(
        ex_, clock_, [this] { return fraction(); }, process_key_.key())
  , keeper_(ex_,
            clock_,
            make_vault(std::move(cache)),
            manager_.keeps() ? "systemd" : paths_.cache,
            process_key_,
            tokens_,
            overrides_)
  , key_lock_(files_, paths_.managed_hosts)
  , facts_(facts_of(options_, paths_, manager_.supervised(), protection, clock_.now()))
  , credentials_(
        clock_,
        settings_,
        providers_,
        tokens_,
        overrides_,
        store_,
        [this] { spawn(ex_, "index", write_index()); },
        [this](Duration limit) { return erased_for_good(limit); },
        &key_lock_)
  , token_service_(
        {clock_, http_, challenges_, bearer_, tokens_},
        [this](Inquiry inquiry, AuditEvent& trail) {
          return credentials_.get(std::move(inquiry), trail);
        },
        [this](const RegistryKey& key) { return token_rules(key); },
        own_home())
  , docker_(clock_, credentials_, audit_, [this] { return reload_.refresh(); })
  , bazel_(
        clock_, credentials_, audit_, [this] { return reload_.refresh(); }, &token_service_)
  , kubelet_(clock_, credentials_, audit_, [this] { return reload_.refresh(); })
  , control_(clock_, facts_, settings_, tokens_, store_, audit_, keeper_.state(), &key_lock_)
  , doctor_(clock_,
            {facts_, settings_, providers_, credentials_, store_},
            audit_,
            [this] { return reload_.refresh(); })
  , refresh_(clock_, credentials_, audit_, [this] { return reload_.refresh(); })
  , token_handler_(clock_, token_service_, audit_, [this] { return reload_.refresh(); })
  , access_(clock_, token_service_, audit_, [this] { return reload_.refresh(); })
  , login_(clock_, credentials_, token_service_, audit_, [this] { return reload_.refresh(); })
  , import_(clock_, credentials_, file_store_, audit_, [this] { return reload_.refresh(); })
  , store_handler_(clock_,
                   {store_, chooser_, migration_, keyring_store_},
                   audit_,
                   [this] { return reload_.refresh(); })
  , lock_switch_(
        {key_lock_, held_keys_, file_store_, keeper_, tokens_, overrides_, providers_},
        [this] { spawn(ex_, "index", write_index()); },
        [this] { bearer_.forget_logins(); })
  , keys_(ex_,
          clock_,
          KeyChanges(paths_.store.credentials, ladder(), held_keys_),
          lock_switch_,
          key_lock_,
          keeper_,
          audit_)
  , recover_(clock_,
             files_,
             {paths_.store.credentials, ladder(), paths_.managed_hosts},
             key_lock_,
             settings_,
             audit_,
             [this] { spawn(ex_, "index", write_index()); })
  , logs_(recent_log(), facts_.run, logs_to_journal(), ::geteuid())
  , metrics_(clock_,
             {facts_, tokens_, audit_, [this] { return ecr_.keys_report(); },
              [this] { return connections(); }})
  , router_({{protocol::k_docker_path, &docker_},
             {protocol::k_bazel_path, &bazel_},
             {protocol::k_kubelet_path, &kubelet_},
             {protocol::k_doctor_path, &doctor_},
             {protocol::k_refresh_path, &refresh_},
             {protocol::k_token_path, &token_handler_},
             {protocol::k_access_path, &access_},
             {protocol::k_login_path, &login_},
             {protocol::k_logout_path, &login_},
             {protocol::k_import_path, &import_},
             {protocol::k_store_path, &store_handler_},
             {protocol::k_namespaces_path, &namespaces_},
             {protocol::k_recover_path, &recover_},
             {"/v1/lock", &keys_},
             {"/v1/unlock", &keys_},
             {"/v1/rotate-key", &keys_},
             {protocol::k_metrics_path, &metrics_},
             {LogHandler::k_path, &logs_},
             {"/v1/", &control_}})
  , starts_(paths_.socket.substr(0, paths_.socket.rfind('/')) + "/starts")
  , folders_(std::move(protection.folders))
  , signals_(ex_, SIGTERM, SIGINT, SIGHUP)
{
  credentials_.on_erase([this](std::string_view registry) { token_service_.forget(registry); });
  apply_settings();
  if (protection.arena != ArenaState::locked)
    spdlog::warn("memory for secrets is not locked ({}): raise the limit of locked memory",
                 to_string(protection.arena));
}

int Daemon::serve(int listening, std::optional<ListeningSocket> own)
{
  if (own) own_socket_.emplace(std::move(*own));
  Listener::Acceptor acceptor(ex_, asio::local::stream_protocol(), listening);
  listener_.emplace(ex_, clock_, router_, peers(), std::move(acceptor));
  spawn(ex_, "signals", handle_signals());
  if (manager_.watchdog_interval()) spawn(ex_, "watchdog", feed_watchdog());
  spawn(ex_, "begin", begin());
  io_.run();
  return queue_.is_open() ? become_successor() : exit_code_;
}

// Clients queue meanwhile: what they ask for may be restored.
asio::awaitable<void> Daemon::begin()
{
  spawn(ex_, "read ahead", file_store_.read_ahead()); // the index is made of it, at the latest
  auto note = [starts = starts_, now = clock_.now()] { return starts.note(now); };
  const auto crashes = co_await with_timeout(clock_, CacheKeeper::k_restore_limit,
                                             files_.run<std::size_t>(std::move(note)));
  if (!crashes) spdlog::warn("crashes are not counted: {}", crashes.error().what);
  co_await keys_.look();
  if (crashes && *crashes >= StartRecord::k_too_many && !key_lock_.locked()) {
    spdlog::error("purserd died {} times within a minute: it begins with an empty cache", *crashes);
    co_await keeper_.begin_empty();
  } else {
    co_await keeper_.restore(providers_);
  }
  if (stopping_) co_return;
  spawn(ex_, "accept", listener_->accept());
  spawn(ex_, "tend", tokens_.tend());
  spawn(ex_, "tend keys", ecr_.tend());
  spawn(ex_, "forget", ecr_.forget_old());
  spawn(ex_, "forget programs", exec_.forget_old());
  spawn(ex_, "forget logins", bearer_.forget_old());
  spawn(ex_, "index", write_index());
  spawn(ex_, "memory", give_memory_back());
  spawn(ex_, "clock", watch_clock());
  if (options_.started_by_helper || options_.for_job) spawn(ex_, "idle exit", exit_when_idle());
  if (own_socket_) spawn(ex_, "socket watch", watch_place());
  spawn(ex_, "program watch", watch_program());
  spawn(ex_, "folder watch", watch_folders());
  manager_.ready();
  spdlog::info("purserd {} answers on {}", program_version(), paths_.socket);
}

int Daemon::serve_once(int connected)
{
  listener_.emplace(ex_, clock_, router_, peers(), Listener::Acceptor(ex_));
  spawn(ex_, "one client", answer_and_stop(FileDescriptor(connected)));
  io_.run();
  return exit_code_;
}

asio::awaitable<void> Daemon::answer_and_stop(FileDescriptor connected)
{
  spawn(ex_, "read ahead", file_store_.read_ahead());
  co_await keys_.look();
  co_await keeper_.restore(providers_);
  co_await listener_->serve_one(std::move(connected));
  (void)co_await keeper_.flush(k_last_save_limit);
  co_await index_is_written();
  io_.stop();
}

asio::awaitable<void> Daemon::handle_signals()
{
  for (;;) {
    const auto [ec, signal] = co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (ec) co_return;
    if (signal == SIGHUP) {
      co_await reload_now();
      if (program_.replaced_by_now()) spawn(ex_, "give way", give_way());
    } else if (stopping_) { // asked twice: no more patience
      io_.stop();
    } else {
      spawn(ex_, "stop", stop(0));
    }
  }
}

asio::awaitable<void> Daemon::stop(int exit_code)
{
  if (std::exchange(stopping_, true)) co_return;
  exit_code_ = exit_code;
  spdlog::info("stopping");
  manager_.stopping();
  own_socket_.reset(); // newcomers find nobody here, and may start another daemon
  co_await drain();
  io_.stop();
}

// Answers those who asked, and leaves everything as the next daemon wants it.
asio::awaitable<void> Daemon::drain()
{
  co_await listener_->stop();
  co_await keeper_.close(k_last_save_limit);
  co_await index_is_written();
  starts_.end_in_order();
}

asio::awaitable<void> Daemon::watch_program()
{
  while (!program_.replaced())
    co_await clock_.sleep_until(clock_.now() + k_program_interval);
  co_await give_way();
}

// The sandbox would refuse what is there now, and cannot be widened.
asio::awaitable<void> Daemon::watch_folders()
{
  const std::string* changed = nullptr;
  while ((changed = folders_.changed()) == nullptr)
    co_await clock_.sleep_until(clock_.now() + k_program_interval);
  if (stopping_) co_return;
  spdlog::warn("{} was made, removed or replaced: this purserd may not write there, and ends",
               *changed);
  co_await stop(0);
}

// To another version of this program. Who comes meanwhile waits in the socket's queue.
asio::awaitable<void> Daemon::give_way()
{
  auto queue = listener_->duplicate();
  if (!queue.is_open() || std::exchange(stopping_, true)) co_return;
  spdlog::info("another purserd lies at {}: it takes over", program_.path());
  co_await drain();
  queue_ = std::move(queue);
  io_.stop();
}

// Returns only where that fails: then the service manager, or the next helper, starts another.
int Daemon::become_successor()
{
  Inheritance inheritance;
  inheritance.descriptors.push_back(queue_.number());
  std::vector<std::string> names;
  if (own_socket_) {
    inheritance.descriptors.push_back(own_socket_->lock());
    inheritance.arguments = {"--listening-fd=" + std::to_string(k_first_inherited),
                             "--lock-fd=" + std::to_string(k_first_inherited + 1)};
  } else {
    names.emplace_back("agent");
    if (const auto memory = keeper_.memory()) {
      inheritance.descriptors.push_back(*memory);
      names.emplace_back("cache");
    }
  }
  if (programs_.process().is_open()) {
    (void)renew_broker(programs_.process());
    inheritance.arguments.push_back(
        "--broker-fd=" +
        std::to_string(k_first_inherited + static_cast<int>(inheritance.descriptors.size())));
    inheritance.descriptors.push_back(programs_.process().number());
  }
  if (options_.started_by_helper) inheritance.arguments.emplace_back("--started-by-helper");
  if (options_.for_job) inheritance.arguments.emplace_back("--for-job");
  inheritance.environment = manager_.passed_on(names);
  spdlog::critical("{}", become(program_.path(), inheritance).what);
  return 1;
}

asio::awaitable<void> Daemon::reload_now()
{
  manager_.reloading();
  co_await reload_.force();
  manager_.ready();
}

// What depends on the configuration beyond its rules.
void Daemon::apply_settings()
{
  const LoadedConfig& loaded = settings_.get()->loaded;
  set_log_level(loaded.config.log_level);
  if (loaded.error)
    spdlog::error("configuration: {}; {}", *loaded.error, in_force_instead(loaded.origin));
  if (loaded.warning) spdlog::warn("configuration: {}", *loaded.warning);
  if (!listener_) return; // starting
  if (!loaded.error) spdlog::info("configuration loaded");
  listener_->replace_peers(peers());
  ecr_.forgive();
  tokens_.forgive();
  spawn(ex_, "index", write_index());
}

double Daemon::fraction()
{
  return std::uniform_real_distribution<double>(0.0, 1.0)(random_);
}

TokenRules Daemon::token_rules(const RegistryKey& key) const
{
  const auto settings = settings_.get();
  const Rule* const rule = settings->routes.find(key);
  if (rule == nullptr) return {};
  return {rule->realms, rule->plain_http, rule->exact_scopes};
}

StoreChooser::Sources Daemon::store_sources()
{
  return {[this] { return settings_.get()->loaded.config.store; }, file_store_,
          [this] { return keyring_store_.probe(); }};
}

KeyLadder Daemon::ladder() const
{
  KeyPlaces places = paths_.store.key;
  places.configured_file = settings_.get()->loaded.config.key_file.value_or("");
  return KeyLadder(std::move(places), held_keys_);
}

std::shared_ptr<CacheVault> Daemon::make_vault(FileDescriptor passed) const
{
  if (!manager_.keeps())
    return std::make_shared<CacheVault>(paths_.cache, paths_.store.credentials, ladder());
  auto hand_over = [manager = manager_](int descriptor) { return manager.keep(descriptor); };
  return std::make_shared<CacheVault>(paths_.cache, paths_.store.credentials, ladder(),
                                      std::move(passed), std::move(hand_over));
}

asio::awaitable<void> Daemon::erased_for_good(Duration limit)
{
  (void)co_await keeper_.flush(limit); // an erase that cannot be kept is one all the same
}

PeerCheck Daemon::peers() const
{
  std::vector<uid_t> uids = settings_.get()->loaded.config.peers;
  uids.push_back(::geteuid());
  return PeerCheck(std::move(uids));
}

ConnectionTally Daemon::connections() const
{
  return listener_ ? listener_->tally() : ConnectionTally{};
}

bool Daemon::idle() const
{
  const auto after = settings_.get()->loaded.config.idle_exit;
  const bool nothing_to_lose = keeper_.all_kept() || (!tokens_.in_use() && overrides_.empty());
  return after.count() > 0 && listener_->quiet() && !migration_.running() && nothing_to_lose &&
         !lock_switch_.has_passphrase() && until_idle() <= Duration::zero();
}

Duration Daemon::until_idle() const
{
  return listener_->last_active() + settings_.get()->loaded.config.idle_exit - clock_.now();
}

asio::awaitable<void> Daemon::exit_when_idle()
{
  while (!idle())
    co_await clock_.sleep_until(clock_.now() + pause_before_idle(until_idle()));
  spdlog::info("nothing to do");
  co_await stop(0);
}

asio::awaitable<void> Daemon::feed_watchdog()
{
  for (;;) {
    manager_.alive();
    co_await clock_.sleep_until(clock_.now() + *manager_.watchdog_interval());
  }
}

// A start, and a burst of exchanges over TLS, touch code that answering from memory does not need;
// the burst also leaves holes between the tokens that it brought.
asio::awaitable<void> Daemon::give_memory_back()
{
  co_await clock_.sleep_until(clock_.now() + k_after_start);
  give_back_program_pages();
  std::uint64_t fetches = 0;
  for (BootTime seen = clock_.now();;) {
    co_await clock_.sleep_until(clock_.now() + k_memory_interval);
    if (listener_->last_active() <= seen) continue;
    seen = clock_.now();
    ::malloc_trim(0);
    const RenewalTally& tally = tokens_.tally();
    if (std::exchange(fetches, tally.foreground + tally.background) != fetches)
      give_back_program_pages();
  }
}

// By civil time requests are signed: what a wrong clock made fail may work now. Tokens live by
// another clock.
asio::awaitable<void> Daemon::watch_clock()
{
  for (;;) {
    co_await clock_settings_.next();
    spdlog::info("the clock of this machine was set");
    ecr_.clock_was_set();
    tokens_.forgive();
  }
}

// A daemon whose socket is gone serves nobody and holds secrets.
asio::awaitable<void> Daemon::watch_place()
{
  for (;;) {
    co_await clock_.sleep_until(clock_.now() + k_place_interval);
    if (!own_socket_) co_return;
    if (own_socket_->in_place()) continue;
    spdlog::error("{} was removed or replaced", paths_.socket);
    co_return co_await stop(1);
  }
}

// One at a time; what changes meanwhile is written after that.
asio::awaitable<void> Daemon::write_index()
{
  index_stale_ = true;
  if (index_writing_) co_return;
  index_writing_ = std::make_shared<Event>(ex_);
  while (std::exchange(index_stale_, false)) {
    if (key_lock_.locked()) continue; // it is to tell what was stored, see KeyLock
    const auto stored = co_await store_.list_all();
    if (!stored) { // who is stored is unknown: the old index is better than half a one
      spdlog::warn("the index of managed hosts is not updated: {}", stored.error().what);
      continue;
    }
    auto write = [path = paths_.managed_hosts,
                  lines = managed_hosts(settings_.get()->routes.rules(), *stored)] {
      return replace_index(path, lines);
    };
    const auto written = co_await files_.run<bool>(std::move(write));
    if (!written) spdlog::warn("index of managed hosts: {}", written.error().what);
  }
  std::exchange(index_writing_, nullptr)->set();
}

// Who stored something and stops us at once would otherwise find the host unknown while
// we are away.
asio::awaitable<void> Daemon::index_is_written()
{
  if (!index_writing_) co_return;
  const auto written =
      co_await with_timeout(clock_, k_last_index_limit, until_written(index_writing_));
  if (!written) spdlog::warn("the index of managed hosts is old: {}", written.error().what);
}

} // namespace purser
