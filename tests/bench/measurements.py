"""One function for each line of the budget."""

import dataclasses
import statistics
import subprocess
import time

import peers
from rig import ADDRESSES, BIN, HELPER, HOST, Echo, Home, frozen_request, load, tool
from rig_process import descriptors, memory, private_memory
from table import Row

ROUNDS, IDENTITIES = 20, 1000  # of the slope, and in each
GIVEN_BACK = 25  # seconds after which the daemon has given back what only fetching or answering needed


@dataclasses.dataclass
class Round:
    resident: int  # KiB
    descriptors: int
    p99: float  # of a warm get, microseconds


def warm_get(rig, table, quick):
    """Whole helper processes beside everything else that answers, in turns."""
    home = Home(rig, "warm")
    key = rig.keys[0]
    home.start()
    got = home.helper("get", HOST, key)
    if got.returncode != 0:
        raise RuntimeError("no token: " + got.stdout)
    keyring, echo = peers.Keyring(), Echo(rig, len(got.stdout))
    contenders = [
        peers.contender("purser", [HELPER, "get"], home.environment(key), rig.stdin),
        peers.contender("forwarder", [BIN / "bench_forwarder", echo.socket], {}, rig.stdin),
        peers.contender("empty, glibc", [BIN / "bench_empty"], {}, rig.stdin, least=0)]
    if (BIN / "bench_empty_musl").exists():
        contenders.append(peers.contender("empty, musl", [BIN / "bench_empty_musl"], {}, rig.stdin,
                                          least=0))
    for make in (peers.ecr_login_newest, peers.ecr_login_debian, peers.git_cache, peers.pass_store,
                 keyring.contender):
        try:
            contenders.append(make(rig))
        except (peers.Missing, subprocess.SubprocessError, OSError) as why:
            table.missing(make.__name__, str(why))
    try:
        times = tool("bench_spawn", {"rounds": 200 if quick else 2000, "contenders": contenders}, rig)
    finally:
        echo.close()
        keyring.close()
        peers.stop_git_cache(rig)
        peers.stop_pass(rig)
        home.stop()
    report_warm(times, table)


def report_warm(times, table):
    p50 = {name: value["p50_us"] for name, value in times.items()}
    own = p50["purser"]
    for name, value in times.items():
        table.add(Row(f"whole process, p50: {name}", f"{value['p50_us'] / 1000:.3f} ms",
                      note=f"{value['p50_us'] / own:.2f} x purser, {value['runs']} runs"))
    table.add(Row("helper `get`, warm / bare glibc forwarder", f"{own / p50['forwarder']:.2f} x",
                  "<= 0.60 x", own / p50["forwarder"] <= 0.60))
    table.add(Row("helper `get`, warm / empty glibc process", f"{own / p50['empty, glibc']:.2f} x",
                  "< 1 x", own < p50["empty, glibc"]))
    for name in ("ecr-login, newest", "ecr-login, Debian's"):
        if name in p50:
            table.add(Row(f"{name}, warm cache / helper", f"{p50[name] / own:.0f} x", ">= 40 x",
                          p50[name] / own >= 40))


def first_get(rig, table, quick):
    """From no daemon to the first answer, which comes out of the store."""
    budgets, contenders, homes = {20: 10, 1000: 15}, [], []
    asked = rig.write("stored", "registry-7.example.org")
    for entries in budgets:
        home = Home(rig, f"first-{entries}")
        homes.append(home)
        home.start()
        fill(home, entries)
        contenders.append({**peers.contender(str(entries), [HELPER, "get"], home.environment(), asked),
                           "without": str(home.socket)})
    # What a process that uses OpenSSL takes at least, on this machine.
    contenders.append(peers.contender("openssl", [peers.program("openssl"), "version"], {}, "/dev/null", least=1))
    times = tool("bench_spawn", {"rounds": 5 if quick else 40, "contenders": contenders}, rig)
    for home in homes:
        home.stop()
    for entries, budget in budgets.items():
        p50, least = (times[str(entries)][name] / 1000 for name in ("p50_us", "least_us"))
        table.add(Row(f"first `get`, no daemon running, {entries} entries", f"{p50:.1f} ms",
                      f"<= {budget} ms", p50 <= budget, f"fastest {least:.1f} ms"))
    table.add(Row("... of which OpenSSL's own command line takes, to say its version",
                  f"{times['openssl']['p50_us'] / 1000:.1f} ms"))


def fill(home, entries):
    for i in range(entries):
        text = f'{{"ServerURL":"registry-{i}.example.org","Username":"u","Secret":"{peers.SECRET}"}}'
        done = home.helper("store", text)
        if done.returncode != 0:
            raise RuntimeError("store: " + done.stdout)


def throughput(rig, table, quick):
    """Connection per request, 8 clients, the daemon and the bare server in turns."""
    home, key = Home(rig, "throughput"), rig.keys[0]
    home.start()
    answer = home.helper("get", HOST, key).stdout
    echo = Echo(rig, len(answer))
    request = rig.write("request", frozen_request(home.environment(key), HOST))
    rates = {home.socket: [], echo.socket: []}
    try:
        for _ in range(3 if quick else 7):
            for socket in rates:
                done = load(rig, socket, [request], 5000 if quick else 40_000)
                rates[socket].append(done["requests"] / done["seconds"])
    finally:
        echo.close()
        home.stop()
    own, bare = (sorted(rates[socket])[len(rates[socket]) // 2] for socket in rates)
    table.add(Row("daemon, connection per request, 8 clients / bare epoll server",
                  f"{own / bare:.2f} x", ">= 0.65 x", own / bare >= 0.65,
                  f"{own:,.0f}/s and {bare:,.0f}/s"))


def memory_use(rig, table, quick):
    """A thousand tokens, fetched over TLS, and then a million gets of them."""
    home = Home(rig, "memory")
    home.start()
    pid = home.pid()
    at_start, _ = memory(pid)
    requests = [rig.write(f"requests/{i}", frozen_request(home.environment(key), HOST))
                for i, key in enumerate(rig.keys[:100] if quick else rig.keys)]

    load(rig, home.socket, requests, len(requests))  # each identity's first
    time.sleep(GIVEN_BACK)
    gets = 20_000 if quick else 1_000_000
    load(rig, home.socket, requests, gets // 10)
    early = settled_memory(pid)
    load(rig, home.socket, requests, gets - gets // 10)
    late, peak = memory(pid)
    grown = settled_memory(pid) - early
    home.stop()
    tokens = len(requests)
    table.add(Row(f"memory, {tokens:,} ECR tokens, TLS used, after {gets:,} gets",
                  f"{late / 1024:.1f} MiB", "<= 16 MiB", late <= 16 * 1024,
                  f"{at_start / 1024:.1f} MiB before the first"))
    table.add(Row("memory, peak", f"{peak / 1024:.1f} MiB", "<= 20 MiB", peak <= 20 * 1024))
    # The allocator may still touch a page or two for the first time. What lies in files is no more
    # than the programs are large, and comes back as it is needed.
    table.add(Row("memory, growth over the last 90 % of the gets, but for files", f"{grown} KiB",
                  "0 (<= 64 KiB)", grown <= 64))


def slope(rig, table, quick):
    """Many more identities than are kept, with warm gets of the newest in between."""
    home = Home(rig, "slope")
    home.start()
    pid = home.pid()
    endpoints = [rig.ecr.one_more_endpoint(address) for address in ADDRESSES]
    gets = 2_500 if quick else 50_000
    # Each key at each endpoint is one; neighbours are of different endpoints.
    requests = [rig.write(f"slope/{i}", frozen_request(
        home.environment(rig.keys[i // len(endpoints)], endpoints[i % len(endpoints)]), HOST))
        for i in range(ROUNDS * IDENTITIES)]
    rounds = []
    for i in range(ROUNDS):
        newest = requests[i * IDENTITIES:(i + 1) * IDENTITIES]
        load(rig, home.socket, newest, len(newest))
        p99 = load(rig, home.socket, newest, gets)["p99_us"]
        rounds.append(Round(quiet_memory(pid), descriptors(pid), p99))
    home.stop()
    report_slope(rounds, ROUNDS * gets, table)


def report_slope(rounds, gets, table):
    """The last rounds, in which old identities make room for new ones, against those before."""
    filling = (rounds[3].resident - rounds[0].resident) / 3  # a round; fewer than are kept
    half = ROUNDS // 2
    full = (rounds[-1].resident - rounds[half].resident) / (ROUNDS - 1 - half)
    table.add(Row(f"memory but for files, {ROUNDS * IDENTITIES:,} identities and {gets:,} gets",
                  f"{rounds[-1].resident / 1024:.1f} MiB"))
    table.add(Row("… one more identity, table full / table filling", f"{full / filling:.3f} x",
                  "<= 0.02 x", full / filling <= 0.02,
                  f"{full * 1024 / IDENTITIES:,.0f} and {filling * 1024 / IDENTITIES:,.0f} bytes"))
    opened = max(later.descriptors for later in rounds) - rounds[0].descriptors
    table.add(Row("… descriptors", f"{rounds[0].descriptors}, then {opened:+}", "<= +1",
                  opened <= 1, "one is the cache's file while it is written"))
    early, late = (statistics.median(each.p99 for each in part)
                   for part in (rounds[:half], rounds[half:]))
    table.add(Row("… p99 of a warm get among 8 clients, last rounds / first",
                  f"{late / early:.2f} x", "<= 1.25 x", late <= 1.25 * early,
                  f"{early:,.0f} us and {late:,.0f} us"))


def settled_memory(pid):
    """KiB that lie in no file, once what lies free was given back: what is kept of the gets."""
    time.sleep(GIVEN_BACK)
    return private_memory(pid)


def quiet_memory(pid):
    """KiB that lie in no file, not while the cache is being saved."""
    samples = []
    for _ in range(5):
        samples.append(private_memory(pid))
        time.sleep(0.2)
    return min(samples)


def miss_together(rig, table, quick):
    """A thousand helpers, one key, nothing cached."""
    home = Home(rig, "miss")
    home.start()
    rig.ecr.forget()
    count = 100 if quick else 1000
    environment = home.environment(rig.keys[-1])
    helpers = []
    for _ in range(count):
        with open(rig.stdin, "rb") as stdin:
            helpers.append(subprocess.Popen([HELPER, "get"], env=environment, stdin=stdin,
                                            stdout=subprocess.DEVNULL))
    good = sum(helper.wait() == 0 for helper in helpers)
    calls = len(rig.ecr.calls())
    home.stop()
    table.add(Row(f"{count:,} clients miss one key together", f"{calls} upstream call(s)",
                  "exactly 1", calls == 1 and good == count, f"{good:,} answered"))


ALL = {"warm": warm_get, "first": first_get, "throughput": throughput, "memory": memory_use,
       "slope": slope, "miss": miss_together}
