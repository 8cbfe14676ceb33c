"""What bash, zsh and fish complete: asked in the shells themselves, with the scripts that the program writes."""

import shlex
import subprocess

import pytest

from answers import ECR
from rig_terminal import SECONDS

REGISTRIES = [ECR, "210987654321.dkr.ecr.us-east-1.amazonaws.com", "ghcr.io/team/app", "public.ecr.aws"]
SHELLS = ["bash", "zsh", "fish"]


def script(desk, shell):
    """A file with the script, where that shell looks for it."""
    folder = desk.folder / "completions"
    folder.mkdir(exist_ok=True)
    file = folder / {"bash": "purser", "zsh": "_purser", "fish": "purser.fish"}[shell]
    done = subprocess.run([desk.folder / "purser", "completion", shell], capture_output=True, text=True, timeout=SECONDS,
                          check=True, env={})
    assert done.stderr == ""
    file.write_text(done.stdout)
    return file


def bash(desk, line):
    words = shlex.join(line.split(" "))
    program = (f"source {script(desk, 'bash')}; COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)} COMP_WORDS=({words}) "
               f"COMP_CWORD={line.count(' ')} COMP_TYPE=9; _purser; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    return run(desk, ["bash", "--norc", "-c", program])


def fish(desk, line):
    program = f"source {script(desk, 'fish')}; complete -C {shlex.quote(line)}"
    return [word.partition("\t")[0] for word in run(desk, ["fish", "--no-config", "-c", program])]


ZSH = """
autoload -Uz compinit
fpath=({folder} $fpath)
compinit -u -D
compadd() {{  # what would be offered goes to the file
  local -a hits
  builtin compadd -O hits "$@"
  print -rl -- $hits >> {out}
  builtin compadd "$@"
}}
bindkey '^I' expand-or-complete
PS1='zsh> '
"""


def zsh(desk, line):
    """zsh completes only in its line editor, so a terminal is needed."""
    folder, out = script(desk, "zsh").parent, desk.folder / "offered"
    out.unlink(missing_ok=True)
    (desk.folder / ".zshrc").write_text(ZSH.format(folder=folder, out=out))
    terminal = desk.open(120, 60, "zsh", "-i", ZDOTDIR=str(desk.folder))
    terminal.shows("zsh>")
    terminal.type(line, "Tab")
    terminal.type("C-e", "  # done", "Enter")  # is read after the completion
    terminal.shows("# done")
    terminal.close()
    return out.read_text().split("\n") if out.exists() else []


def run(desk, command):
    done = subprocess.run(command, env=desk.environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.stderr == ""
    return done.stdout.split("\n")


def completed(desk, shell, line):
    found = {"bash": bash, "zsh": zsh, "fish": fish}[shell](desk, line)
    return {word.strip() for word in found if word.strip()}



@pytest.mark.parametrize("shell", SHELLS)
def test_commands(desk, shell):
    assert completed(desk, shell, "purser st") == {"status", "store"}
    assert completed(desk, shell, "purser store mi") == {"migrate"}


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_all_commands_of_the_help(desk, shell):
    told = subprocess.run([desk.folder / "purser", "--help"], capture_output=True, text=True, check=True, timeout=SECONDS)
    below = told.stdout.partition("Subcommands:\n")[2].partition("\n\n")[0]
    names = {line.split()[0] for line in below.splitlines() if line[:2] == "  " and line[2:3] not in ("", " ")}
    assert {"status", "doctor", "completion", "run"} - {"run"} <= names
    assert completed(desk, shell, "purser ") == names


@pytest.mark.parametrize("shell", SHELLS)
def test_options(desk, shell):
    assert completed(desk, shell, "purser status --w") == {"--watch"}
    assert completed(desk, shell, "purser audit --f") == {"--follow"}


@pytest.mark.parametrize("shell", SHELLS)
def test_values(desk, shell):
    assert completed(desk, shell, "purser status --color ") == {"auto", "always", "never"}
    assert completed(desk, shell, "purser completion ") == {"bash", "zsh", "fish"}


@pytest.mark.parametrize("shell", SHELLS)
def test_registries_that_the_daemon_knows(desk, shell):
    assert completed(desk, shell, "purser refresh ") == set(REGISTRIES)
    assert completed(desk, shell, "purser audit --registry gh") == {"ghcr.io/team/app"}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_registry_with_a_port(desk, shell):
    entry = {**desk.daemon.answers["/v1/status"]["entries"][0], "registries": ["localhost:5000", "localhost:5001"]}
    desk.daemon.answers["/v1/status"] = {"entries": [entry]}
    found = completed(desk, shell, "purser logout localhost:")
    assert found == ({"5000", "5001"} if shell == "bash" else {"localhost:5000", "localhost:5001"})


@pytest.mark.parametrize("shell", SHELLS)
def test_without_a_daemon_nothing_is_offered_and_nothing_said(desk, shell):
    desk.daemon.stop()
    assert completed(desk, shell, "purser refresh ") == set()


def test_a_name_from_outside_is_not_run(desk):
    """Where a shell pastes names into words, one must not become a command."""
    evil = f"$(touch {desk.folder}/ran)`touch {desk.folder}/ran`"
    entry = {**desk.daemon.answers["/v1/status"]["entries"][0], "registries": [evil, "good.example"]}
    desk.daemon.answers["/v1/status"] = {"entries": [entry]}
    for shell in SHELLS:
        assert "good.example" in completed(desk, shell, "purser refresh ")
        assert not (desk.folder / "ran").exists(), shell


def test_bash_completes_at_its_prompt(desk):
    """With the file where packages put it, and the keys that a user presses."""
    script(desk, "bash")
    terminal = desk.open(120, 60, "bash", "--norc", "-i", PS1="bash> ")
    terminal.shows("bash>")
    terminal.type(f"source {desk.folder}/completions/purser", "Enter", "purser statu", "Tab", "--ver", "Tab", "Enter")
    terminal.shows("purser status --verbose")
    terminal.shows("lives another")
