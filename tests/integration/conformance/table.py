"""What clients rely on: one row a behaviour, each with the clients that break without it and the tests that prove it.

docs/conformance.md is written from here:   /usr/bin/python3 tests/integration/conformance/table.py
"""

import dataclasses
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/conformance.md"

CONFORMANCE = "tests/integration/conformance"
HELPER = "tests/integration/helper"
DAEMON = "tests/integration/daemon"
E2E = "tests/e2e"
UNIT = "tests/unit"


@dataclasses.dataclass(frozen=True)
class Row:
    """`proofs` are FILE::TEST, of Python or GoogleTest (FILE::SUITE.TEST); none where purser does not do it yet."""

    number: str
    behaviour: str
    clients: str
    proofs: tuple[str, ...]


TABLE = (
    Row("C1", "The only argument is `get`, `store`, `erase`, `list` or `version`. Anything else shows the usage on standard "
        "output and ends with 1; `--version` and `--help` end with 0.",
        "all; fabric8's Maven plugin runs `version` first",
        (f"{HELPER}/test_arguments.py::test_any_other_number_of_arguments_shows_the_usage",
         f"{HELPER}/test_arguments.py::test_help_is_no_failure",
         f"{HELPER}/test_arguments.py::test_version_is_one_line",
         f"{HELPER}/test_arguments.py::test_an_unknown_action_is_named",
         f"{CONFORMANCE}/test_callers.py::test_fabric8_asks_for_the_version_first")),
    Row("C2", "A key may end with a line feed, a carriage return or blanks; none at all is `no credentials server URL`.",
        "rules_oci (line feed), people at a shell",
        (f"{CONFORMANCE}/test_protocol.py::test_a_key_may_have_an_end_of_line",
         f"{CONFORMANCE}/test_protocol.py::test_no_key_is_said_in_dockers_words",
         f"{CONFORMANCE}/test_callers.py::test_rules_oci_sends_a_line_feed_from_a_shell")),
    Row("C3", "An answer is one JSON object with `ServerURL` (as it was asked), `Username` and `Secret`, and a line feed.",
        "oras and helm (a second value is an error), rules_oci, testcontainers",
        (f"{CONFORMANCE}/test_protocol.py::test_an_answer_is_one_object_and_a_line_feed",
         f"{HELPER}/test_response.py::test_the_answer_is_one_write",
         f"{E2E}/test_libraries.py::test_what_is_stored_is_understood")),
    Row("C4", "User name and secret are both there and not empty; nothing is never `{}`.",
        "docker's library for Python, containers/image, BuildKit",
        (f"{CONFORMANCE}/test_protocol.py::test_a_credential_without_name_or_secret_is_never_kept",
         f"{E2E}/test_logins.py::test_helm_wants_a_user_name")),
    Row("C5", "Not found is the sentence `credentials not found in native keychain` on standard output, the same for all, and 1.",
        "docker, podman, oras, helm, crane; testcontainers compares two of them; fabric8 looks at the 1",
        (f"{CONFORMANCE}/test_protocol.py::test_not_found_is_the_same_sentence_for_all",
         f"{CONFORMANCE}/test_callers.py::test_testcontainers_compares_two_messages",
         f"{CONFORMANCE}/test_callers.py::test_jib_looks_for_the_sentence_and_at_no_exit_code",
         f"{E2E}/test_libraries.py::test_what_is_not_stored_is_no_error")),
    Row("C6", "Any other failure is one line on standard output with host, cause and remedy, without secrets and without that "
        "sentence.",
        "all: it is what people see",
        (f"{CONFORMANCE}/test_protocol.py::test_any_other_failure_is_one_line_that_names_the_host",
         f"{E2E}/test_libraries.py::test_any_other_failure_is_an_error_and_shows_our_line",
         f"{E2E}/test_errors.py::test_the_helper_says_one_line",
         f"{UNIT}/server/docker_messages_test.cpp::ErrorLine.IsOneLineWithoutDockersSentence")),
    Row("C7", "Standard error is silent.",
        "docker and all that use its library: they show it to people",
        (f"{HELPER}/test_trust.py::test_standard_error_is_silent_by_default",
         f"{CONFORMANCE}/test_protocol.py::test_any_other_failure_is_one_line_that_names_the_host")),
    Row("C8", "A registry is the same with and without scheme, `:443`, `/`, `/v1/`, `/v2/`, in any case, and under each name of "
        "Docker Hub. A repository is answered for by the longest stored path, then by its registry.",
        "crane and ko (repository first), nerdctl (`:443`, schemes), podman (`docker.io`), docker, oras, buildx, fabric8",
        (f"{CONFORMANCE}/test_protocol.py::test_a_registry_is_the_same_under_each_spelling",
         f"{CONFORMANCE}/test_protocol.py::test_a_port_and_another_name_are_another_registry",
         f"{CONFORMANCE}/test_protocol.py::test_a_repository_is_answered_for_by_its_registry",
         f"{CONFORMANCE}/test_callers.py::test_nerdctl_is_answered_at_its_first_spelling",
         f"{CONFORMANCE}/test_callers.py::test_nerdctl_finds_docker_hub",
         f"{CONFORMANCE}/test_callers.py::test_go_containerregistry_asks_for_the_repository_first",
         f"{UNIT}/common/registry_key_test.cpp::RegistryKey.EverySpellingHasOneText")),
    Row("C9", "`https://index.docker.io/v1/access-token` and `/refresh-token` are keys of their own, and no credentials of Docker "
        "Hub.",
        "docker from 27.2 on, which logs in with a browser",
        (f"{CONFORMANCE}/test_protocol.py::test_dockers_oauth_tokens_are_keys_of_their_own",
         f"{CONFORMANCE}/test_callers.py::test_docker_logs_in_to_hub_with_a_browser",
         f"{E2E}/test_logins.py::test_docker_forgets_its_oauth_tokens",
         f"{UNIT}/common/registry_key_test.cpp::RegistryKey.DockersOwnTokensAreOpaque")),
    Row("C10", "A registry that nobody configured is not found at once: no network, no search for AWS keys.",
        "all that have a `credsStore`",
        (f"{E2E}/test_public_images.py::test_not_found_without_network_and_aws_chain",
         f"{E2E}/test_public_images.py::test_not_found_is_fast")),
    Row("C11", "Without a daemon one is started; where none can be, a registry that purser answers for is an error and any other is "
        "not found.",
        "docker from 29 on, buildx and skopeo, where an error is the end of a public pull too",
        (f"{HELPER}/test_start.py::test_the_first_request_starts_a_daemon",
         f"{HELPER}/test_without_daemon.py::test_get_of_a_managed_registry_is_an_error",
         f"{HELPER}/test_without_daemon.py::test_get_of_any_other_is_not_found",
         f"{E2E}/test_public_images.py::test_without_a_daemon_ecr_is_an_error_and_others_are_not_found")),
    Row("C12", "An answer or an error within 9 seconds, whatever hangs.",
        "bazel (10 s), kubelet and BuildKit (60 s), all others wait for ever",
        (f"{HELPER}/test_deadline.py::test_a_silent_daemon",
         f"{HELPER}/test_deadline.py::test_a_stopped_daemon",
         f"{HELPER}/test_deadline.py::test_a_lock_that_is_never_released",
         f"{HELPER}/test_deadline.py::test_nine_seconds_is_the_limit_and_can_only_be_lowered",
         f"{DAEMON}/test_start_up.py::test_a_hung_daemon_holds_nobody_longer_than_nine_seconds")),
    Row("C13", "A daemon that a helper starts has nothing of its caller: no descriptor, no terminal, no folder.",
        "docker, podman, kubelet, which read until everybody has closed their pipe",
        (f"{HELPER}/test_start.py::test_nothing_of_ours_is_left_to_it",
         f"{HELPER}/test_start.py::test_who_reads_our_output_is_not_held",
         f"{DAEMON}/test_start_up.py::test_whoever_reads_the_helpers_output_is_not_held",
         f"{DAEMON}/test_start_up.py::test_the_daemon_has_nothing_of_its_parent",
         f"{DAEMON}/test_credential_process.py::test_it_inherits_nothing_of_the_daemon")),
    Row("C14", "An interrupt ends the helper, with an exit code that is not 0, and not the daemon.",
        "docker (Ctrl-C reaches the whole group), oras",
        (f"{CONFORMANCE}/test_protocol.py::test_a_client_that_is_interrupted_leaves_the_daemon",
         f"{HELPER}/test_start.py::test_a_terminals_interrupt_does_not_reach_it",
         f"{DAEMON}/test_start_up.py::test_ctrl_c_at_the_client_leaves_the_daemon")),
    Row("C15", "Many who ask at once are one call upstream; while renewals fail, a token that lives is handed out.",
        "compose, kubelet and bazel: one `get` an image",
        (f"{DAEMON}/test_single_flight.py::test_a_thousand_helpers_on_a_cold_cache_make_one_call",
         f"{CONFORMANCE}/test_callers.py::test_compose_asks_for_each_image_at_once",
         f"{UNIT}/renewal/outage_test.cpp::OutageTest.OfAnHourAtTheRenewalPointCostsNoRequestAndFewAttempts")),
    Row("C16", "A token that is handed out has a good part of its life before it.",
        "buildx (keeps it for minutes or for a build), crane, ko and podman (for a run)",
        (f"{UNIT}/renewal/policy_test.cpp::Policy.HalfOfALongLifeIsGrantedWhereNothingIsSaid",
         f"{UNIT}/renewal/min_remaining_test.cpp::MinRemainingTest.WhoWantsMoreThanIsLeftWaitsForASuccessor",
         f"{UNIT}/server/docker_handler_test.cpp::DockerHandlerTest.WhoWantsMoreLifeThanIsLeftGetsANewToken")),
    Row("C17", "`erase` makes the next `get` fetch a new token.",
        "docker logout, crane auth logout, scripts: nobody tells a helper of a 401",
        (f"{E2E}/test_managed_logins.py::test_a_logout_is_a_new_token",
         f"{UNIT}/server/docker_handler_test.cpp::DockerHandlerTest.EraseOfAMintedRegistryForcesANewToken")),
    Row("C18", "`store` takes JSON with escapes, with and without a line feed, up to 1 MiB; what is missing is said in docker's "
        "words. An empty user name is refused: no other client could use the credential.",
        "docker, oras, helm",
        (f"{CONFORMANCE}/test_protocol.py::test_store_takes_what_go_writes",
         f"{CONFORMANCE}/test_protocol.py::test_store_takes_a_mebibyte",
         f"{CONFORMANCE}/test_protocol.py::test_what_store_lacks_is_said_in_dockers_words",
         f"{E2E}/test_libraries.py::test_what_a_library_stores_it_gets_and_erases",
         f"{E2E}/test_logins.py::test_helm_wants_a_user_name",
         f"{E2E}/test_logins.py::test_oras_stores_a_token_without_a_user_as_identity_token")),
    Row("C19", "`store` for a registry that tokens are obtained for succeeds and writes nothing down.",
        "docker login, which stores what it was handed out; `aws ecr get-login-password | docker login`",
        (f"{E2E}/test_managed_logins.py::test_a_login_without_a_password_pins_nothing",
         f"{E2E}/test_managed_logins.py::test_a_login_script_counts_until_the_logout",
         f"{CONFORMANCE}/test_protocol.py::test_store_for_a_managed_registry_is_not_written_down",
         f"{UNIT}/cache/overrides_test.cpp::OverridesTest.AnEcrPasswordEndsWhenItSays")),
    Row("C20", "The user name `<token>` comes back as it was stored.",
        "docker, oras, helm, podman, crane, regctl, BuildKit: the secret is an identity token",
        (f"{CONFORMANCE}/test_protocol.py::test_an_identity_token_comes_back_as_one",
         f"{E2E}/test_logins.py::test_an_identity_token_is_used_as_one",
         f"{E2E}/test_builds.py::test_a_private_base_image")),
    Row("C21", "`erase` of what is not there succeeds without a word; any spelling erases.",
        "podman, buildah and skopeo (any failure is fatal), docker logout (four spellings), nerdctl (six)",
        (f"{CONFORMANCE}/test_protocol.py::test_erase_of_what_is_not_there_is_silent",
         f"{CONFORMANCE}/test_callers.py::test_docker_logs_out_under_four_spellings",
         f"{CONFORMANCE}/test_callers.py::test_nerdctl_logs_in_and_out",
         f"{E2E}/test_logins.py::test_login_push_pull_logout",
         f"{E2E}/test_fan_out.py::test_each_logout_takes_one_entry")),
    Row("C22", "`list` reads no input, is `{}` when empty, stays below 64 KiB, and names, as docker spells them, only keys that the "
        "next `get` answers at once.",
        "docker's old builder, regctl, docker's library for Python, podman logout --all and podman build",
        (f"{CONFORMANCE}/test_protocol.py::test_list_is_an_object_even_when_empty",
         f"{CONFORMANCE}/test_protocol.py::test_list_names_only_what_a_get_answers",
         f"{CONFORMANCE}/test_protocol.py::test_list_stays_below_64_kib",
         f"{CONFORMANCE}/test_callers.py::test_dockers_old_builder_lists_and_gets_each",
         f"{HELPER}/test_request.py::test_list_does_not_wait_for_its_input",
         f"{E2E}/test_builds.py::test_a_private_base_image",
         f"{E2E}/test_logins.py::test_containers_image_shows_logins_and_drops_them_all")),
    Row("C23", "The caller's environment decides whose token it is.",
        "`AWS_PROFILE=prod docker push`",
        (f"{E2E}/test_shells.py::test_each_push_goes_out_under_its_own_identity",
         f"{HELPER}/test_request.py::test_exactly_the_listed_variables_are_sent",
         f"{DAEMON}/test_identity.py::test_10000_gets_of_four_shells_get_their_own_tokens")),
    Row("C24", "What purser obtains has a user name that Basic authentication takes (ECR: `AWS`), never `<token>` and never none.",
        "BuildKit, containerd, oras",
        (f"{E2E}/test_clients.py::test_docker",
         f"{E2E}/test_builds.py::test_a_base_image_in_ecr",
         f"{E2E}/test_managed_logins.py::test_a_logout_is_a_new_token")),
    Row("C25", "A secret is on standard output and nowhere else: no file, no argument, no log.",
        "everybody",
        (f"{DAEMON}/test_silence.py::test_errors_logs_and_status_tell_no_secret",
         f"{DAEMON}/test_silence.py::test_files_arguments_and_environment_hold_no_secret")),
    Row("C26", "One line of configuration for each client, which `purser setup` writes.",
        "podman (no `credsStore`), helm (a file of its own), crane (needs the file)",
        (f"{E2E}/test_clients.py::test_docker", f"{E2E}/test_clients.py::test_crane", f"{E2E}/test_clients.py::test_helm",
         f"{E2E}/test_clients.py::test_oras", f"{E2E}/test_clients.py::test_ko", f"{E2E}/test_clients.py::test_skopeo",
         f"{E2E}/test_clients.py::test_podman", f"{E2E}/test_clients.py::test_buildah")),
    Row("C27", "As `purser-kubelet-provider` it answers a request of the kubelet, in its version and as strictly as the kubelet reads, with "
        "a credential that may be kept for half of what is left of it; a failure is a line on standard error and 1.",
        "kubelet, which keeps what it is told and hears of no 401",
        (f"{DAEMON}/test_kubelet.py::test_the_kubelet_understands_the_answer",
         f"{DAEMON}/test_kubelet.py::test_no_credential_is_an_answer_that_nobody_keeps",
         f"{DAEMON}/test_kubelet.py::test_what_a_rule_for_a_repository_may_replace_is_for_one_image",
         f"{DAEMON}/test_kubelet.py::test_a_failure_is_one_line_on_standard_error",
         f"{DAEMON}/test_kubelet.py::test_each_account_has_its_own_token",
         f"{HELPER}/test_front_ends.py::test_the_kubelet_is_told_of_every_failure")),
    Row("C28", "`get` of JSON is answered as the Credential Helpers specification wants it: headers with an end in whole seconds, `{}` for "
        "hosts that purser has nothing for.",
        "bazel, which asks for every URI and fails on every error",
        (f"{DAEMON}/test_bazel.py::test_requests_and_answers_are_of_the_specification",
         f"{DAEMON}/test_bazel.py::test_it_may_be_kept_for_half_of_its_life",
         f"{DAEMON}/test_bazel.py::test_nobodys_host_has_no_headers_and_costs_no_call",
         f"{DAEMON}/test_bazel.py::test_any_number_of_uris_of_a_registry_make_one_call",
         f"{HELPER}/test_front_ends.py::test_bazel_goes_on_where_purser_has_nothing")),
)


def page() -> str:
    """docs/conformance.md."""
    lines = [_HEAD, "| | what clients rely on | who does | proven by |", "|---|---|---|---|"]
    for row in TABLE:
        proofs = "<br>".join(f"`{proof.rpartition('/')[2]}`" for proof in row.proofs) or "not yet"
        lines.append(f"| {row.number} | {row.behaviour} | {row.clients} | {proofs} |")
    return "\n".join(lines) + "\n"


_HEAD = """\
# What clients rely on

Clients of the `docker-credential-NAME` protocol rely on more than its documents say: each of them on something else. This table is
the list, found in their sources and by running them; behind each row stand the tests that fail where purser breaks it. It is written
from `tests/integration/conformance/table.py`, which checks that these tests exist.

docker (20.10 and the newest client on the machine, with its old builder, BuildKit and buildx), podman, buildah, skopeo, crane, ko, oras, helm 3 and 4, regctl and
docker's library for Python are run against real registries; nerdctl, testcontainers, Jib, fabric8's Maven plugin and rules_oci by the calls that they make.
"""

if __name__ == "__main__":
    PAGE.write_text(page())
