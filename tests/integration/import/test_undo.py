"""`purser import --undo`: everything as it was, unless somebody has changed it since."""

import json

from conftest import auth


def test_a_file_comes_back_byte_for_byte(user):
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}, "b.example": {"identitytoken": "fake-b"}})
    before = file.read_bytes()
    user.imported()
    assert file.read_bytes() != before and user.files_with("fake-password", "fake-b") == []
    shown = user.purser("--undo", "--dry-run").ok().output
    assert "byte for byte" in shown and "fake" not in shown
    assert user.purser("--undo").status == 1
    assert file.read_bytes() != before and user.names() == ["b.example", "reg.example"]
    done = user.imported("--undo")
    assert file.read_bytes() == before and user.names() == []
    assert "fake" not in done.output
    assert "no import to undo" in user.imported("--undo").stdout


def test_it_asks_at_a_terminal(user):
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}})
    before = file.read_bytes()
    user.imported()
    assert user.at_a_terminal("--undo").answer("n") == 0 and file.read_bytes() != before
    assert user.at_a_terminal("--undo").answer("y") == 0 and file.read_bytes() == before


def test_edits_since_then_stay(user):
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}})
    user.imported()
    file.write_text(json.dumps({**json.loads(file.read_text()), "experimental": "enabled"}))
    done = user.imported("--undo")
    assert "edited since" in done.stdout
    assert json.loads(file.read_text()) == {"auths": {"reg.example": {"auth": auth("ann", "fake-password")}},
                                            "credsStore": "purser", "experimental": "enabled"}


def test_what_was_changed_in_the_store_since_stays(user):
    user.config({"a.example": {"auth": auth("ann", "fake-a")}, "b.example": {"auth": auth("ann", "fake-b")},
                 "c.example": {"auth": auth("ann", "fake-c")}})
    user.imported()
    user.store("a.example", "ann", "fake-newer")
    user.helper("erase", "b.example").ok()
    done = user.imported("--undo")
    assert "a.example: changed since" in done.stdout and "b.example: not stored any more" in done.stdout
    assert user.stored("a.example") == ("ann", "fake-newer") and user.names() == ["a.example"]


def test_what_was_there_before_stays(user):
    user.store("reg.example", "ann", "fake-password")
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}})
    before = file.read_bytes()
    user.imported()
    assert user.files_with("fake-password") == []
    user.imported("--undo")
    assert file.read_bytes() == before and user.stored("reg.example") == ("ann", "fake-password")


def test_what_was_replaced_comes_back(user):
    user.store("reg.example", "bob", "fake-first")
    file = user.config({"reg.example": {"auth": auth("ann", "fake-second")}})
    user.imported("--overwrite")
    assert user.stored("reg.example") == ("ann", "fake-second")
    user.imported("--undo")
    assert user.stored("reg.example") == ("bob", "fake-first") and "auth" in file.read_text()


def test_several_imports_are_undone_together(user):
    file = user.config({"a.example": {"auth": auth("ann", "fake-a")}})
    before = file.read_bytes()
    user.imported()
    user.config({"a.example": {}, "b.example": {"auth": auth("ann", "fake-b")}})
    user.imported()
    assert user.names() == ["a.example", "b.example"]
    user.imported("--undo")
    auths = json.loads(file.read_text())["auths"]
    assert auths == {**json.loads(before)["auths"], "b.example": {"auth": auth("ann", "fake-b")}}
    assert user.names() == []


def test_where_nobody_is_asked_nothing_is_said_to_be_done(user):
    user.config({"a.example": {"auth": auth("ann", "fake-a")}})
    user.imported()
    done = user.purser("--undo")
    assert done.status == 1 and done.stdout.startswith("this would be undone, the latest first:\n")
    assert "nothing was done" in done.stderr and user.stored("a.example") == ("ann", "fake-a")


def test_a_file_that_is_gone_ends_it_before_anything_is_lost(user):
    file = user.config({"a.example": {"auth": auth("ann", "fake-a")}})
    user.imported()
    file.unlink()
    done = user.purser("--undo", "--yes")
    assert done.status == 1 and "is gone" in done.stderr and done.stderr.count("\n") == 1
    assert user.stored("a.example") == ("ann", "fake-a")
    file.write_text('{"auths": {"a.example": {}}}')
    user.imported("--undo")
    assert json.loads(file.read_text())["auths"] == {"a.example": {"auth": auth("ann", "fake-a")}} and user.names() == []


def test_what_is_kept_can_be_forgotten(user):
    file = user.config({"a.example": {"auth": auth("ann", "fake-a")}})
    user.imported()
    user.imported("--forget")
    assert "no import to undo" in user.imported("--undo").stdout
    assert user.stored("a.example") == ("ann", "fake-a") and "auth\"" not in file.read_text()


def test_no_client_is_told_of_what_is_kept(user):
    user.config({"a.example": {"auth": auth("ann", "fake-a")}})
    user.imported()
    assert user.names() == ["a.example"]
    assert (user.home / ".local/state/purser/managed-hosts").read_text().split() == ["a.example"]


def test_a_daemon_that_came_later_knows_it(user):
    file = user.config({"a.example": {"auth": auth("ann", "fake-a")}})
    before = file.read_bytes()
    user.imported()
    user.stop()
    user.imported("--undo")
    assert file.read_bytes() == before
