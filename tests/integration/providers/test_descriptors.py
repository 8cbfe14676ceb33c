"""How many descriptors the daemon may have, and what it starts."""

import json
import pathlib
import re

HOST = "registry.example"


def soft_limit(pid):
    return int(re.search(r"^Max open files +(\d+)", pathlib.Path(f"/proc/{pid}/limits").read_text(), re.M)[1])


def test_the_daemon_raises_its_limit_and_programs_keep_theirs(home):
    program = home.write("bin/mint", '#!/bin/sh\ncat >/dev/null\nprintf \'{"username":"ci","secret":"%s"}\' "$(ulimit -Sn)"\n')
    program.chmod(0o700)
    home.purser_config({"match": HOST, "provider": "exec", "command": [str(program)]})
    helper = home.programs / "docker-credential-purser"
    done = home.run("sh", "-c", f"ulimit -Sn 256 && ulimit -Hn 2048 && echo {HOST} | {helper} get").ok()
    assert json.loads(done.stdout)["Secret"] == "256"
    (daemon,) = home.daemons()
    assert soft_limit(daemon) == 2048
