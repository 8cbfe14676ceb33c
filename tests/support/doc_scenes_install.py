"""The scenes of installing and removing."""

import re
import shutil
import subprocess

import rig_clients
from doc_stage import COM, Stage, scene


@scene("docs/operations.md: purser setup --undo --yes")
def removing(stage: Stage):
    """systemctl is played. What was installed is what CMake installs; docker's file is again what it was."""
    asked = stage.stand_in("systemctl", "")
    local = stage.home.home / ".local"
    manifest = stage.home.home / "build/install/install_manifest.txt"
    manifest.parent.mkdir(parents=True)
    build = rig_clients.purser_bin().parent
    done = stage.home.run("cmake", "--install", str(build), "--prefix", str(local)).ok()
    manifest.write_text("\n".join(re.findall(r"^-- (?:Installing|Up-to-date): (.*)$", done.stdout, re.M)))
    config = stage.home.write(".docker/config.json", "{}")
    stage.purser("setup", "docker", "--yes").ok()
    stage.log_in(COM)
    stage.home.stop()
    assert len([path for path in local.rglob("*") if path.is_file()]) > 8 and "purser" in config.read_text()
    done = yield
    done.ok()
    assert asked.read_text() == "--user disable --now purser.socket purser.service\n"
    assert [str(path) for path in local.rglob("*") if not path.is_dir()] == [] and config.read_text() == "{}"


@scene("docs/packaging.md: mkdir -p ~/.local && tar -xf purser-*.tar.gz -C ~/.local --strip-components=1")
def tarball(stage: Stage):
    """With the programs under test inside; tests/packages has the real one."""
    inside = stage.folder / "purser-0.1.0-linux-x86_64"
    for path, name in (("bin", "docker-credential-purser"), ("bin", "purser"), ("libexec", "purserd")):
        (inside / path).mkdir(parents=True, exist_ok=True)
        shutil.copy((stage.home.programs / name).resolve(), inside / path)
    subprocess.run(["tar", "-czf", f"{stage.home.home}/{inside.name}.tar.gz", "-C", str(stage.folder), inside.name], check=True)
    asked = stage.stand_in("systemctl", "")
    done = yield
    done.ok()
    assert asked.read_text() == "--user daemon-reload\n--user enable --now purser.socket\n"
    stage.log_in("registry.example.com")
    got = stage.home.run(str(stage.home.home / ".local/bin/docker-credential-purser"), "get", stdin="registry.example.com")
    assert "ann" in got.ok().stdout
