"""Something else in the daemon's place: what it may do under the lines of a unit, and without some of them."""

import pathlib

HERE = pathlib.Path(__file__).resolve().parent
# What a program that ends at once and reports to nobody cannot have.
OF_THE_DAEMON = ("Type", "NotifyAccess", "ExecStart", "ExecReload", "WatchdogSec", "Restart", "RestartSec")


def service_lines(unit):
    """The lines of [Service] in a unit's file."""
    lines = unit.read_text().splitlines()
    return lines[lines.index("[Service]") + 1:]


def directives(unit):
    return {line.split("=")[0] for line in service_lines(unit) if "=" in line and not line.startswith("#")}


class UnitProbe:
    """`service` is the unit's file, `probe` the name and `path` the file of the one made from it; probe.py and
    sandbox_attempt lie in the folder `programs`, the outcome in `folder`, which the unit may write to."""

    def __init__(self, manager, service, probe, path, programs, folder):
        self.manager = manager
        self.service = service
        self.probe = probe
        self.path = path
        self.programs = programs
        self.folder = folder

    def run(self, thing, without=()):
        """What came of a thing of probe.py."""
        result = f"{self.folder}/result"
        self.manager.run("rm", "-f", result)
        kept = [line for line in service_lines(self.service) if line.split("=")[0] not in (*OF_THE_DAEMON, *without)]
        command = f'/usr/bin/python3 {self.programs}/probe.py {result} "{thing}" {self.programs}/sandbox_attempt'
        text = "\n".join(["[Service]", "Type=oneshot", f"ExecStart={command}", *kept]) + "\n"
        self.manager.run("tee", str(self.path), text=text)
        self.manager.systemctl("daemon-reload")
        done = self.manager.systemctl("start", self.probe, check=False)
        assert done.returncode == 0, done.stderr + self.manager.log_text()[-2000:]
        return self.manager.run("cat", result).stdout.strip()

    def remove(self):
        self.manager.run("rm", "-f", str(self.path))
        self.manager.systemctl("daemon-reload")
