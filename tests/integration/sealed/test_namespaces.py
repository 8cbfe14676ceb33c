"""Jobs that log in apart: what one stores no other sees, nor does the user."""

import json

import pytest
from conftest import ECR

HOST = "registry.example.com"


def test_two_jobs_and_the_user_log_in_to_one_registry_apart(purser):
    for space in (None, "job-1", "job-2"):
        purser.login(HOST, f"fake-of-{space}", space, user=str(space)).ok()
    for space in (None, "job-1", "job-2"):
        assert purser.secret(HOST, space) == f"fake-of-{space}"
        assert json.loads(purser.helper("list", **purser.job(space)).ok().stdout) == {HOST: str(space)}
    purser.logout(HOST, "job-1")
    assert purser.secret(HOST, "job-1") is None
    assert purser.secret(HOST) == "fake-of-None" and purser.secret(HOST, "job-2") == "fake-of-job-2"


def test_a_job_is_never_given_what_the_user_stored(purser):
    purser.login(HOST, "fake-of-the-user").ok()
    assert purser.secret(HOST, "job") is None
    assert purser.secret(f"{HOST}/team/image", "job") is None
    assert purser.stored("job") == []
    purser.logout(HOST, "job")
    assert purser.secret(HOST) == "fake-of-the-user"


def test_what_docker_login_brings_for_ecr_is_a_jobs_own(purser):
    purser.login(ECR, "fake-of-the-user").ok()
    purser.login(ECR, "fake-of-job-1", "job-1").ok()
    assert purser.secret(ECR) == "fake-of-the-user" and purser.secret(ECR, "job-1") == "fake-of-job-1"
    assert "fake" not in purser.helper("get", ECR, **purser.job("job-2")).output
    purser.end_daemons()  # the next one takes them over
    assert purser.secret(ECR) == "fake-of-the-user" and purser.secret(ECR, "job-1") == "fake-of-job-1"
    purser.logout(ECR, "job-1")
    assert purser.secret(ECR) == "fake-of-the-user"
    assert "fake" not in purser.helper("get", ECR, **purser.job("job-1")).output


@pytest.mark.parametrize("name", ["", " ", "a/b", "-a", "a b", "a" * 65, "fake-\u00fc", "purser:import"])
def test_what_names_no_namespace_is_an_error_and_never_the_users_own(purser, name):
    purser.login(HOST, "fake-of-the-user").ok()
    asked = {"get": HOST, "erase": HOST, "list": "",
             "store": json.dumps({"ServerURL": HOST, "Username": "ci", "Secret": "fake-of-the-job"})}
    for verb, stdin in asked.items():
        done = purser.helper(verb, stdin, PURSER_NAMESPACE=name)
        assert done.status == 1 and "PURSER_NAMESPACE" in done.stdout, (verb, done)
        assert done.stdout.count("\n") == 1 and "fake" not in done.output
    assert purser.secret(HOST) == "fake-of-the-user"
    assert "PURSER_NAMESPACE" in purser.helper("get", ECR, PURSER_NAMESPACE=name).stdout


@pytest.mark.parametrize("name", ["-job", ".a", "a/b", "a" * 65])
def test_whoever_gives_a_wrong_name_is_told_all_that_a_name_needs(purser, name):
    form = "1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
    said = purser.helper("get", HOST, PURSER_NAMESPACE=name).stdout
    assert said == (f"purser: {HOST}: PURSER_NAMESPACE names no namespace: it takes {form}; "
                    "unset it to use what is stored without one\n")
    done = purser.purser("namespace", "clear", "--", name)
    assert (done.status, done.stderr) == (2, f"purser: a namespace has {form}\n")


@pytest.mark.parametrize("name", ["a", "0", "A.b-c_9", "a" * 64])
def test_names_of_namespaces(purser, name):
    purser.login(HOST, "fake-of-the-job", name).ok()
    assert purser.secret(HOST, name) == "fake-of-the-job" and purser.secret(HOST) is None


def test_the_end_of_a_job_takes_one_command(purser):
    purser.login(HOST, "fake-of-the-user").ok()
    for host in (HOST, "other.example.com", ECR):
        purser.login(host, "fake-of-the-job", "job").ok()
    purser.login(HOST, "fake-of-another", "another").ok()
    assert json.loads(purser.purser("namespace", "list", "--json").ok().stdout)["namespaces"] == [
        {"name": "another", "stored": 1, "overrides": 0}, {"name": "job", "stored": 2, "overrides": 1}]
    assert purser.ask("/v1/status")["namespaces"] == {"count": 2, "stored": 3}
    assert "spaces   2, with 3 credentials" in purser.purser("status").ok().stdout
    purser.end_daemons()  # the one that the command starts does it as well
    assert purser.purser("namespace", "clear", "job").ok().stdout == "namespace job: 3 erased\n"
    assert [purser.secret(host, "job") for host in (HOST, "other.example.com")] == [None, None]
    assert "fake" not in purser.helper("get", ECR, **purser.job("job")).output
    assert purser.secret(HOST, "another") == "fake-of-another" and purser.secret(HOST) == "fake-of-the-user"
    assert purser.purser("namespace", "clear", "job").ok().stdout == "namespace job: 0 erased\n"
    assert purser.purser("namespace", "clear", "--all").ok().stdout == "namespace another: 1 erased\n"
    assert purser.purser("namespace", "list").ok().stdout == "no namespace holds anything\n"
    assert purser.secret(HOST) == "fake-of-the-user"


@pytest.mark.parametrize("words", [["clear"], ["clear", "a/b"], ["clear", "a", "--all"], [], ["clear", ""]])
def test_wrong_commands_clear_nothing(purser, words):
    purser.login(HOST, "fake-of-the-job", "a").ok()
    assert purser.purser("namespace", *words).status == 2
    assert purser.secret(HOST, "a") == "fake-of-the-job"


def test_the_index_has_the_hosts_of_all_namespaces(purser):
    purser.login(HOST, "fake").ok()
    purser.login("job.example.com", "fake", "job").ok()
    purser.wait_until_indexed("job.example.com", HOST)
    assert purser.purser("namespace", "clear", "job").status == 0
    purser.wait_until_indexed(HOST)


def test_doctor_says_in_which_namespace_it_looked(purser):
    purser.login(HOST, "fake-of-the-user").ok()
    done = purser.purser("doctor", HOST, **purser.job("job"))
    assert done.status == 5 and "in the namespace job" in done.stdout
