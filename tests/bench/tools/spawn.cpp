// Times whole processes, from posix_spawn to their end, in rounds of a random order, so that all
// contenders see the same machine, and none always what another one leaves in its caches.
//
// Usage: bench_spawn SPEC, a JSON file: {"rounds": 2000, "contenders": [{"name", "argv",
// "env", "stdin" (a file), "least" (bytes of output), "every" (take part in each nth
// round), "without" (a socket: whoever listens there is ended before each run)}]}. Prints
// {"name": {"runs", "least_us", "p50_us", "p99_us"}}. A contender that fails or says
// too little ends the whole run: its time would mean nothing.
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace {

using Microseconds = std::chrono::duration<double, std::micro>;

struct Contender {
  std::string name;
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string input;
  std::size_t least = 0;
  int every = 1;
  std::string without;
  std::vector<double> times;
};

std::vector<char*> pointers(std::vector<std::string>& texts)
{
  std::vector<char*> list;
  for (auto& text : texts)
    list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

[[noreturn]] void fail(const Contender& who, const std::string& why)
{
  std::cerr << who.name << ": " << why << '\n';
  std::exit(1);
}

std::size_t drain(int fd)
{
  std::array<char, 65'536> piece{};
  std::size_t size = 0;
  for (ssize_t got = 0; (got = ::read(fd, piece.data(), piece.size())) > 0;)
    size += static_cast<std::size_t>(got);
  return size;
}

// The process that listens there; 0 where nobody does.
pid_t listener_at(const std::string& path)
{
  sockaddr_un address{AF_UNIX, {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
  ::close(fd);
  return peer.pid;
}

void end_listener(const Contender& who)
{
  constexpr int k_limit_ms = 20'000;
  const pid_t pid = listener_at(who.without);
  if (pid == 0) return;
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  pollfd end{fd, POLLIN, 0};
  ::kill(pid, SIGTERM);
  if (::poll(&end, 1, k_limit_ms) != 1) fail(who, "what listens does not end");
  ::close(fd);
}

double run_once(Contender& who)
{
  if (!who.without.empty()) end_listener(who);
  std::array<int, 2> output{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) fail(who, "no pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, who.input.c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  const auto argv = pointers(who.argv);
  const auto env = pointers(who.env);
  pid_t pid = 0;
  int status = 0;

  const auto begin = std::chrono::steady_clock::now();
  if (::posix_spawn(&pid, argv.front(), &actions, nullptr, argv.data(), env.data()) != 0)
    fail(who, "cannot be started");
  ::close(output[1]);
  const auto said = drain(output[0]);
  ::waitpid(pid, &status, 0);
  const Microseconds took = std::chrono::steady_clock::now() - begin;

  ::close(output[0]);
  ::posix_spawn_file_actions_destroy(&actions);
  if (status != 0) fail(who, "ended with status " + std::to_string(status));
  if (said < who.least) fail(who, "said only " + std::to_string(said) + " bytes");
  return took.count();
}

Contender read_contender(const nlohmann::json& json)
{
  Contender who;
  who.name = json.at("name");
  who.argv = json.at("argv").get<std::vector<std::string>>();
  who.env = json.at("env").get<std::vector<std::string>>();
  who.input = json.at("stdin");
  who.least = json.at("least");
  who.every = json.at("every");
  who.without = json.value("without", "");
  return who;
}

double percentile(const std::vector<double>& sorted, double share)
{
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

} // namespace

int main(int argc, char** argv)
{
  if (argc != 2) return 2;
  std::ifstream file(argv[1]);
  const auto spec = nlohmann::json::parse(file);
  std::vector<Contender> contenders;
  for (const auto& json : spec.at("contenders"))
    contenders.push_back(read_contender(json));

  for (auto& who : contenders)
    run_once(who); // warms what there is to warm
  const int rounds = spec.at("rounds");
  std::vector<Contender*> order;
  for (auto& who : contenders)
    order.push_back(&who);
  std::mt19937 generator(1); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same order each time
  for (int round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), generator);
    for (auto* who : order)
      if (round % who->every == 0) who->times.push_back(run_once(*who));
  }

  nlohmann::json results;
  for (auto& who : contenders) {
    std::sort(who.times.begin(), who.times.end());
    results[who.name] = {{"runs", who.times.size()},
                         {"least_us", who.times.front()},
                         {"p50_us", percentile(who.times, 0.5)},
                         {"p99_us", percentile(who.times, 0.99)}};
  }
  std::cout << results.dump() << '\n';
  return 0;
}
