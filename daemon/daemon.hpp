#pragma once

#include "common/file_descriptor.hpp"
#include "daemon/async/event.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/cache/cache_keeper.hpp"
#include "daemon/cache/overrides.hpp"
#include "daemon/cache/process_key.hpp"
#include "daemon/cache/token_cache.hpp"
#include "daemon/config/config_file.hpp"
#include "daemon/http/beast_client.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/options.hpp"
#include "daemon/paths.hpp"
#include "daemon/programs/program_broker.hpp"
#include "daemon/providers/ecr/ecr_provider.hpp"
#include "daemon/providers/ecr/ecr_registry.hpp"
#include "daemon/providers/env/env_provider.hpp"
#include "daemon/providers/exec/exec_provider.hpp"
#include "daemon/providers/table.hpp"
#include "daemon/restart/own_program.hpp"
#include "daemon/restart/start_record.hpp"
#include "daemon/sandbox/sandbox_state.hpp"
#include "daemon/seal/arena.hpp"
#include "daemon/server/access_handler.hpp"
#include "daemon/server/bazel_handler.hpp"
#include "daemon/server/control_handler.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/docker_handler.hpp"
#include "daemon/server/doctor_handler.hpp"
#include "daemon/server/import_handler.hpp"
#include "daemon/server/key_handler.hpp"
#include "daemon/server/key_lock.hpp"
#include "daemon/server/kubelet_handler.hpp"
#include "daemon/server/listener.hpp"
#include "daemon/server/listening_socket.hpp"
#include "daemon/server/lock_switch.hpp"
#include "daemon/server/log_handler.hpp"
#include "daemon/server/login_handler.hpp"
#include "daemon/server/metrics_handler.hpp"
#include "daemon/server/namespace_handler.hpp"
#include "daemon/server/recover_handler.hpp"
#include "daemon/server/refresh_handler.hpp"
#include "daemon/server/router.hpp"
#include "daemon/server/service_manager.hpp"
#include "daemon/server/settings.hpp"
#include "daemon/server/store_handler.hpp"
#include "daemon/server/token_handler.hpp"
#include "daemon/store/chosen_store.hpp"
#include "daemon/store/sealed_file_store.hpp"
#include "daemon/store/secret_service_store.hpp"
#include "daemon/store/store_chooser.hpp"
#include "daemon/store/store_migration.hpp"
#include "daemon/territory.hpp"
#include "daemon/time/clock_settings.hpp"
#include "daemon/time/system_clock.hpp"
#include "daemon/tokens/bearer_provider.hpp"
#include "daemon/tokens/challenge_cache.hpp"
#include "daemon/tokens/token_service.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace purser {

// What keeps others out of this process, and this process out of the rest, as far as it is in
// force.
struct Protection {
  ArenaState arena;
  SandboxState sandbox;
  std::vector<std::string> folders; // where its threads may write: own_folders()
};

// The parts of the daemon and how they hang together; main() owns the one there is.
// Members are destroyed in the order opposite to this one, after the loop has ended.
class Daemon {
public:
  // `broker` starts programs (start_broker()). `cache` is what the service manager kept of our
  // predecessor, if it did.
  Daemon(Options options,
         Paths paths,
         ServiceManager manager,
         Protection protection,
         FileDescriptor broker,
         FileDescriptor cache);

  // Answers on this listening descriptor until a signal, or until idle where a helper
  // started us. `own` is the socket that we made, if we did. Returns the exit code.
  [[nodiscard]] int serve(int listening, std::optional<ListeningSocket> own);
  // Answers the client on this connected descriptor, and returns the exit code.
  [[nodiscard]] int serve_once(int connected);

private:
  static constexpr Duration k_place_interval = std::chrono::seconds(60);
  static constexpr Duration k_program_interval = std::chrono::seconds(10);
  static constexpr Duration k_memory_interval = std::chrono::seconds(20);
  static constexpr Duration k_after_start = std::chrono::seconds(1);
  static constexpr Duration k_last_save_limit = std::chrono::seconds(1);
  static constexpr Duration k_last_index_limit = std::chrono::seconds(3);

  boost::asio::awaitable<void> begin();
  boost::asio::awaitable<void> handle_signals();
  boost::asio::awaitable<void> exit_when_idle();
  boost::asio::awaitable<void> feed_watchdog();
  boost::asio::awaitable<void> give_memory_back();
  boost::asio::awaitable<void> watch_place();
  boost::asio::awaitable<void> watch_program();
  boost::asio::awaitable<void> watch_folders();
  boost::asio::awaitable<void> give_way();
  [[nodiscard]] int become_successor();
  boost::asio::awaitable<void> watch_clock();
  boost::asio::awaitable<void> reload_now();
  boost::asio::awaitable<void> write_index();
  boost::asio::awaitable<void> index_is_written();
  boost::asio::awaitable<void> erased_for_good(Duration limit);
  boost::asio::awaitable<void> stop(int exit_code);
  boost::asio::awaitable<void> drain();
  boost::asio::awaitable<void> answer_and_stop(FileDescriptor connected);
  void apply_settings();
  [[nodiscard]] double fraction();
  [[nodiscard]] TokenRules token_rules(const RegistryKey& key) const;
  [[nodiscard]] KeyLadder ladder() const;
  [[nodiscard]] StoreChooser::Sources store_sources();
  [[nodiscard]] std::shared_ptr<CacheVault> make_vault(FileDescriptor passed) const;
  [[nodiscard]] bool idle() const;
  [[nodiscard]] Duration until_idle() const;
  [[nodiscard]] PeerCheck peers() const;
  [[nodiscard]] ConnectionTally connections() const;

  Options options_;
  Paths paths_;
  ServiceManager manager_;
  boost::asio::io_context io_{1};
  boost::asio::any_io_executor ex_ = io_.get_executor();
  SystemClock clock_{ex_};
  ClockSettings clock_settings_{ex_};
  ProcessKey process_key_;
  std::mt19937_64 random_{std::random_device{}()};

  WorkerPool files_{ex_, "files", 2};
  WorkerPool resolver_{ex_, "resolver", 4};
  CurrentSettings settings_{LoadedConfig{}};
  SettingsReload reload_;
  BeastHttpClient http_;
  OwnProgram program_ = OwnProgram::of_this_process();
  ProgramBroker programs_;
  std::shared_ptr<HeldKeys> held_keys_ = std::make_shared<HeldKeys>();
  SealedFileStore file_store_;
  SecretServiceStore keyring_store_;
  StoreChooser chooser_;
  ChosenStore store_;
  StoreMigration migration_;
  ecr::EcrProvider ecr_;
  EnvProvider env_;
  ExecProvider exec_;
  ChallengeCache challenges_;
  BearerProvider bearer_;
  ProviderTable providers_;
  TokenCache tokens_;
  Overrides overrides_{clock_, process_key_.key()};
  CacheKeeper keeper_;
  AuditLog audit_;
  KeyLock key_lock_;
  DaemonFacts facts_;
  CredentialService credentials_;
  TokenService token_service_;
  DockerHandler docker_;
  BazelHandler bazel_;
  KubeletHandler kubelet_;
  ControlHandler control_;
  DoctorHandler doctor_;
  RefreshHandler refresh_;
  TokenHandler token_handler_;
  AccessHandler access_;
  LoginHandler login_;
  ImportHandler import_;
  StoreHandler store_handler_;
  LockSwitch lock_switch_;
  KeyHandler keys_;
  RecoverHandler recover_;
  NamespaceHandler namespaces_{clock_, credentials_, store_, overrides_, audit_};
  LogHandler logs_;
  MetricsHandler metrics_;
  Router router_;

  StartRecord starts_;
  FolderWatch folders_;

  boost::asio::signal_set signals_;
  std::optional<ListeningSocket> own_socket_;
  std::optional<Listener> listener_;
  std::shared_ptr<Event> index_writing_; // null where nobody writes it
  bool index_stale_ = false;
  FileDescriptor queue_; // where clients wait for our successor, once we give way
  bool stopping_ = false;
  int exit_code_ = 0;
};

} // namespace purser
