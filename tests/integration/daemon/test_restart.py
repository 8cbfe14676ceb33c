"""A restart costs nothing: no call, no other token, no login. (With a real systemd: tests/integration/systemd.)"""

import json
import os
import signal

import pytest

from rig_ecr import DEV, PROD
from rig_home import environment_of
from rig_manager import Manager
from rig_process import Program, wait_until
from rig_world import ECR

LOGIN = {"ServerURL": ECR, "Username": "AWS", "Secret": "fake-password-of-a-login"}


@pytest.fixture
def user(home):
    home.profile("prod", PROD)
    home.environment["AWS_PROFILE"] = "prod"
    return home


@pytest.fixture
def manager(user):
    manager = Manager(user)
    yield manager
    manager.close()


def _file(home):
    return home.home / ".local/state/purser/cache"


def _version(home):
    try:
        return _file(home).stat().st_ino
    except FileNotFoundError:
        return None


def _secret(home, **variables) -> str:
    return home.get(ECR, **variables)["Secret"]


def _saved(home, action):
    """What `action()` returns, after the cache was saved."""
    before = _version(home)
    result = action()
    wait_until(lambda: _version(home) not in (None, before), 5, "not saved")
    return result


def _kill(daemon) -> None:
    os.kill(daemon.pid, signal.SIGKILL)
    wait_until(lambda: not daemon.running(), 5, "still there")


def _cache(home) -> dict:
    return home.ask("/v1/status")["cache"]


def test_a_restart_costs_no_call(world, user):
    daemon = user.start_daemon()
    token = _secret(user)
    daemon.stop()
    user.start_daemon()
    assert _secret(user) == token
    assert len(world.ecr.calls()) == 1


def test_a_kill_9_costs_no_call_once_the_token_is_saved(world, user):
    daemon = user.start_daemon()
    token = _saved(user, lambda: _secret(user))
    _kill(daemon)
    user.start_daemon()
    assert _secret(user) == token
    assert len(world.ecr.calls()) == 1


def test_a_kill_9_right_after_the_answer_costs_at_most_one_call(world, user):
    for kills in range(8):
        daemon = user.start_daemon()
        assert user.get(ECR)["Username"] == "AWS"
        assert len(world.ecr.calls()) <= kills + 1
        _kill(daemon)


def test_an_erased_token_never_comes_back(world, user):
    for _ in range(5):
        daemon = user.start_daemon()
        token = _saved(user, lambda: _secret(user))
        user.helper("erase", ECR).ok()
        _kill(daemon)
        user.start_daemon()
        assert _secret(user) != token
        user.helper("erase", ECR).ok()
        user.stop()


def test_a_login_survives_and_its_end_too(world, user):
    daemon = user.start_daemon()
    _saved(user, lambda: user.helper("store", json.dumps(LOGIN)).ok())
    _kill(daemon)
    daemon = user.start_daemon()
    assert user.get(ECR) == LOGIN
    user.helper("erase", ECR).ok()
    _kill(daemon)
    user.start_daemon()
    assert _secret(user) != LOGIN["Secret"]


def test_our_own_token_is_known_after_a_restart(world, user):
    """docker login stores again what it was given."""
    daemon = user.start_daemon()
    own = _saved(user, lambda: user.get(ECR))
    _kill(daemon)
    daemon = user.start_daemon()
    user.helper("store", json.dumps(own)).ok()
    world.ecr.lifetime = 3600.0
    user.helper("erase", ECR).ok()
    assert _secret(user) != own["Secret"]


def test_an_edited_profile_is_another_identity_after_a_restart(world, user):
    daemon = user.start_daemon()
    token = _saved(user, lambda: _secret(user))
    _kill(daemon)
    (user.home / ".aws/credentials").write_text("")
    user.profile("prod", DEV)
    user.start_daemon()
    assert _secret(user) != token
    assert [call.label for call in world.ecr.calls()] == ["prod", "dev"]


def test_a_daemon_for_each_request_shares_one_token(world, user):
    """Where nothing can listen, the helper runs `purserd --once`."""
    user.environment["PURSER_SOCKET"] = "/dev/null/agent.sock"
    token = _secret(user)
    wait_until(lambda: not user.daemons(), 5, "a daemon is left")
    assert _secret(user) == token
    assert len(world.ecr.calls()) == 1


def test_another_daemon_with_the_same_folders_neither_saves_nor_deletes(world, user):
    first = user.start_daemon()
    token = _saved(user, lambda: _secret(user))
    before = _file(user).read_bytes()
    other = {"PURSER_SOCKET": str(user.folder / "other/agent.sock")}
    (user.folder / "other").mkdir(mode=0o700)
    second = Program([str(user.programs / "purserd")], user.folder / "other.log", {**user.environment, **other})
    try:
        second.wait_until(lambda: (user.folder / "other/agent.sock").exists())
        assert _secret(user, **other) == token  # which was restored
        assert _secret(user, **other, **environment_of(DEV)) != token
        status = json.loads(user.run("purser", "status", "--json", **other).ok().stdout)
        assert status["cache"]["error"] == f"another purserd keeps its cache in {_file(user)}"
        user.helper("erase", ECR, **other).ok()
        assert _file(user).read_bytes() == before
    finally:
        second.stop()
    assert _file(user).read_bytes() == before
    _kill(first)
    user.start_daemon()
    assert _secret(user) == token


def test_nothing_in_the_file_can_be_read(world, user):
    user.start_daemon()
    token = _saved(user, lambda: _secret(user))
    _saved(user, lambda: user.helper("store", json.dumps(LOGIN)).ok())
    content = _file(user).read_bytes()
    for word in (token, LOGIN["Secret"], ECR, "AWS", "prod", PROD.key_id):
        assert word.encode() not in content
    assert _file(user).stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_set_aside(world, user):
    daemon = user.start_daemon()
    token = _saved(user, lambda: _secret(user))
    daemon.stop()
    damaged = bytearray(_file(user).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    _file(user).write_bytes(damaged)
    daemon = user.start_daemon()
    assert _secret(user) != token
    assert _file(user).with_suffix(".damaged").read_bytes() == damaged
    assert daemon.tail(10**6).count("beginning with an empty cache") == 1


def test_a_file_that_others_may_read_is_left_alone_and_said(world, user):
    daemon = user.start_daemon()
    _saved(user, lambda: _secret(user))
    daemon.stop()
    before = _file(user).read_bytes()
    _file(user).chmod(0o644)
    user.start_daemon()
    _secret(user)
    wait_until(lambda: _cache(user)["error"], 5, "status says nothing")
    assert "is open to others" in _cache(user)["error"]
    assert _file(user).read_bytes() == before
    assert "NOT KEPT" in user.run("purser", "status").ok().stdout


def test_a_daemon_that_obtained_nothing_leaves_nothing(world, user):
    daemon = user.start_daemon()
    user.helper("get", "nobody.example.test")
    daemon.stop()
    names = {path.name for path in user.home.rglob("*")}
    assert not names & {"cache", "cache.lock", "key"}


# Under a service manager.

@pytest.mark.parametrize("names", ["agent:cache", "cache:agent"])
def test_the_manager_keeps_the_tokens_over_a_kill_9(world, user, manager, names):
    manager.start()
    token = _secret(user)
    wait_until(lambda: manager.kept is not None and user.ask("/v1/status")["cache"]["error"] is None, 5, "not kept")
    wait_until(lambda: len(manager.contents()) > 1000, 5, "not written")
    assert _cache(user) == {"kept_in": "systemd", "error": None}
    assert not _file(user).exists()
    manager.kill()
    agent, cache = manager.socket_and_cache()
    manager.start(names, [agent, cache] if names.startswith("agent") else [cache, agent])
    assert _secret(user) == token
    assert len(world.ecr.calls()) == 1


def test_a_kill_9_at_any_moment_leaves_a_whole_version(world, user, manager):
    manager.start()
    token = _secret(user)
    wait_until(lambda: manager.kept is not None, 5, "not kept")
    for number in range(10):
        user.helper("store", json.dumps({**LOGIN, "ServerURL": f"{123456789012 + number}{ECR[12:]}"})).ok()
        manager.kill()
        (user.socket.parent / "starts").unlink()  # or it would be a daemon that dies again and again
        manager.start()
        assert _secret(user) == token
    assert len(world.ecr.calls()) == 1
    assert "empty cache" not in (user.folder / "purserd.log").read_text()


def test_a_stop_for_good_leaves_a_file_until_the_next_start(world, user, manager):
    manager.start()
    token = _secret(user)
    manager.terminate()
    manager.forget()
    assert _file(user).exists()
    manager.start()
    assert _secret(user) == token
    wait_until(lambda: manager.kept is not None and not _file(user).exists(), 5, "the older copy is still there")
    assert len(world.ecr.calls()) == 1


def test_an_erased_token_is_nowhere_in_the_memory(world, user, manager):
    manager.start()
    token = _secret(user)
    wait_until(lambda: manager.kept is not None and len(manager.contents()) > 1000, 5, "not written")
    user.helper("erase", ECR).ok()
    assert manager.contents().strip(b"\0") == b""
    manager.kill()
    manager.start()
    assert _secret(user) != token


def test_nothing_in_the_memory_can_be_read(world, user, manager):
    manager.start()
    token = _secret(user)
    wait_until(lambda: manager.kept is not None and len(manager.contents()) > 1000, 5, "not written")
    content = manager.contents()
    for word in (token, ECR, "AWS", "prod", PROD.key_id):
        assert word.encode() not in content


def test_a_manager_that_takes_nothing_is_said(world, user, manager):
    manager.refuses = True
    manager.start()
    _secret(user)
    wait_until(lambda: _cache(user)["error"], 10, "status says nothing")
    assert "FileDescriptorStoreMax" in _cache(user)["error"]


@pytest.mark.parametrize("names,kinds", [
    ("agent:cache", ("socket", "socket")), ("agent:cache", ("socket", "file")), ("agent:other", ("socket", "socket")),
    ("cache:cache", ("memory", "memory")), ("agent", ("socket", "memory")), (None, ("socket", "memory")),
    ("agent:cache:cache", ("socket", "memory", "memory")), ("agent", ("memory",)),
    ("agent:cache", ("memory", "socket")),
    ("cache", ("file",)),
])
def test_what_is_passed_wrongly_is_refused(user, manager, folder, names, kinds):
    (folder / "file").touch()
    memory = os.memfd_create("fake")
    file = os.open(folder / "file", os.O_RDWR)
    given = {"socket": manager.socket_and_cache()[0], "memory": memory, "file": file}
    manager.start(names, [given[kind] for kind in kinds])
    assert manager.daemon.wait(10) == 3
    os.close(memory)
    os.close(file)
