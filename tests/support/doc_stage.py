"""Where a block of a document is run: a user of his own, the fakes and registries of rig_world.py, and registries under the
names that the documents use.

A scene is a generator for one block: it prepares, yields, is given how the block ended, and looks at what came of it.
"""

import dataclasses
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import time
from collections.abc import Callable, Generator

import rig_clients
from doc_pages import Block, blocks
from rig_authority import Authority
from rig_engine import layer
from rig_home import Home, Outcome
from rig_registry import Front, Htpasswd, Registry, Site, TokenAuth
from rig_tokens import ISSUER, TokenServer

# The names of the documents: tokens by scope at the first two, user name and password at the third.
HUB, GHCR, COM = "registry.example.org", "ghcr.io", "registry.example.com"
USER, PASSWORD = "ann", "fake-password-of-ann"
ADDRESS = ("127.0.0.10", 443)
LIMIT = 120  # seconds that a block may take

Scene = Callable[["Stage"], Generator[None, Outcome, None]]
SCENES: dict[str, Scene] = {}


def scene(*keys: str) -> Callable[[Scene], Scene]:
    """Puts a scene into the table, for the blocks of these keys."""

    def add(function: Scene) -> Scene:
        for key in keys:
            assert key not in SCENES, key
            SCENES[key] = function
        return function

    return add


class DocumentRegistries:
    """Starts them below `folder`; `stop()` ends them."""

    def __init__(self, folder: pathlib.Path, authority: Authority):
        with open("/etc/hosts", "a") as hosts:
            hosts.write(f"{ADDRESS[0]} {HUB} {GHCR} {COM}\n")
        signer = authority.issue("document-signer", kind="rsa")
        self.tokens = {name: TokenServer(*signer, name, {USER: PASSWORD}, 600) for name in (HUB, GHCR)}
        self._registries = {name: Registry(folder / name, TokenAuth(f"https://{name}/token", name, ISSUER, signer[0]))
                            for name in (HUB, GHCR)}
        self._registries[COM] = Registry(folder / COM, Htpasswd({USER: PASSWORD}))
        sites = [Site((name,), registry.address, tokens=self.tokens[name].address if name in self.tokens else None)
                 for name, registry in self._registries.items()]
        self.front = Front(folder / "front", ADDRESS, authority.issue(HUB, GHCR, COM), sites)

    def stop(self) -> None:
        for each in (self.front, *self._registries.values(), *self.tokens.values()):
            each.stop()


@dataclasses.dataclass
class Stage:
    """What a scene prepares. `text` is what will be run; `answers` are typed at a terminal, one for each question."""

    block: Block
    world: object
    aws: object
    home: Home
    folder: pathlib.Path
    engine: Callable[[], object]
    text: str = ""
    answers: list[str] | None = None
    shown_before: int = 0

    def put(self, old: str, new: object) -> None:
        """Something of the page that is at another place here. It has to be in the block."""
        assert old in self.text, f"{self.block.key}: no {old}"
        self.text = self.text.replace(old, str(new))

    def stand_in(self, name: str, script: str) -> pathlib.Path:
        """A program on PATH that the machine lacks or that a test must not run; what it is given lands in the answer."""
        asked = self.home.folder / f"asked-of-{name}"
        program = self.home.programs / name
        program.unlink(missing_ok=True)
        program.write_text(f"#!/bin/bash\necho \"$@\" >> {asked}\n{script}\n")
        program.chmod(0o755)
        return asked

    def log_in(self, registry: str) -> None:
        """A login that is stored already."""
        self.home.helper("store", json.dumps({"ServerURL": registry, "Username": USER, "Secret": PASSWORD})).ok()

    def docker(self, configuration: str = '{"credsStore": "purser"}') -> None:
        """docker, with an engine."""
        self.home.environment["DOCKER_HOST"] = self.engine().host
        self.home.write(".docker/config.json", configuration)

    def podman(self) -> None:
        """podman as root in a container-like place: no cgroups, and storage of its own."""
        real = rig_clients.client("podman")
        options = (f"--root {self.folder}/storage --runroot {self.folder}/runroot --storage-driver vfs "
                   "--cgroup-manager cgroupfs --events-backend none")
        program = self.home.programs / "podman"
        program.write_text(f'#!/bin/sh\nexec {real} {options} "$@"\n')
        program.chmod(0o755)

    def local_image(self, program: str, name: str) -> None:
        self.home.run(program, "import", str(layer(self.folder / "layer.tar")), name).ok()

    def mark(self) -> None:
        """What the registry was shown before does not count."""
        self.shown_before = len(self.world.ecr.ledger.shown())

    def shown(self) -> list:
        """The tokens that ECR's registry was shown since."""
        return self.world.ecr.ledger.shown()[self.shown_before:]

    def block_of(self, page: str, language: str, words: str) -> str:
        """The text of another block."""
        return next(block.text for block in blocks(page) if block.language == language and words in block.text)

    def purser(self, *words: str) -> Outcome:
        return self.home.run(str(self.home.programs / "purser"), *words)

    def stored(self, registry: str) -> str | None:
        """The user of what is stored for it."""
        done = self.home.helper("get", registry)
        return json.loads(done.stdout)["Username"] if done.status == 0 else None


def perform(stage: Stage, play: Scene) -> None:
    """Runs the block as its reader would, within its scene."""
    stage.text = commands(stage.block)
    stage.mark()
    steps = play(stage)
    next(steps)
    script = stage.text
    done = at_a_terminal(stage, script) if stage.answers is not None else stage.home.run(*_bash(script), seconds=LIMIT)
    try:
        steps.send(done)
    except StopIteration:
        return
    raise AssertionError(f"{stage.block.key}: its scene yields twice")


def commands(block: Block) -> str:
    """What a reader types. A console block has $ before each command, and what is printed below."""
    if block.language != "console":
        return block.text
    return "".join(line[2:] + "\n" for line in block.text.splitlines() if line.startswith("$ "))


def printed(block: Block) -> list[str]:
    """What a console block says is printed."""
    return [line for line in block.text.splitlines() if not line.startswith("$ ")]


def same_words(line: str) -> str:
    """A line without the widths of columns."""
    return re.sub(r" {2,}", "  ", line).rstrip()


def at_a_terminal(stage: Stage, script: str) -> Outcome:
    """With a terminal for input and output, where each question, a yes or a password, gets the next answer."""
    ours, theirs = pty.openpty()
    program = subprocess.Popen(_bash(script), env=stage.home.environment, cwd=stage.home.home, stdin=theirs, stdout=theirs,
                               stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown, asked, deadline = b"", 0, time.monotonic() + LIMIT
    while select.select([ours], [], [], max(0, deadline - time.monotonic()))[0]:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # all that had it open have ended
            break
        if re.search(rb"(\[y/N\] |\n?[^\n\"]*[Pp]ass(word|phrase)[^\n\"]*: )\Z", shown):
            assert asked < len(stage.answers), shown.decode(errors="replace")
            os.write(ours, stage.answers[asked].encode() + b"\n")
            asked += 1
    status = program.wait(max(1, deadline - time.monotonic()))
    os.close(ours)  # not before: who has not quite ended would be hung up on
    text = shown.decode(errors="replace").replace("\r\n", "\n")
    assert asked == len(stage.answers), f"{asked} questions: {text}"
    return Outcome(["bash"], status, text, "")


def _bash(script: str) -> list[str]:
    return ["bash", "-e", "-u", "-o", "pipefail", "-c", script]
