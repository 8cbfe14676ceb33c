"""The blocks with commands that no scene runs: what is looked at instead, and why. Keep it short."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class NotRun:
    """`check` is one of

    syntax     bash reads it without executing it (bash -n)
    synopsis   every option in it exists, and so does the command
    walked     the test that `why` begins with reads the page and does what it says
    """

    check: str
    why: str


NOT_RUN: dict[str, NotRun] = {
    "README.md: scripts/install": NotRun("syntax", "builds for minutes, and then runs all tests"),
    "docs/packaging.md: apt install ./purser_*.deb ./docker-credential-purser_*.deb": NotRun(
        "syntax", "tests/packages does it in a system of its own, and more"),
    "docs/packaging.md: scripts/package && sha256sum build/packages/*": NotRun("syntax", "builds for minutes; tests/packages compares"),
    "docs/ci.md: docker run --rm \\": NotRun("syntax", "wants an engine that may start containers; tests/e2e/test_ci_page.py mounts what it mounts"),
    "docs/export.md: purser export --format FORMAT [--output FILE] [--plaintext-file] [--keep] [--interval SECONDS] [--name NAME] "
    "REGISTRY...": NotRun("synopsis", "says what can be given"),
    **{f"docs/aws.md: {first}": NotRun("walked", "tests/e2e/test_ways_of_running.py: variables that the platform sets")
       for first in ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/00000000-0000-0000-0000-000000000000",
                     "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/v1/credentials",
                     "AWS_ROLE_ARN=arn:aws:iam::123456789012:role/deploy", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE")},
    "docs/operations.md: sudo loginctl enable-linger runner": NotRun("syntax", "wants logind, which a test has not"),
    "docs/operations.md: systemctl enable --now purser@jenkins.socket": NotRun(
        "walked", "tests/integration/systemd/test_system_units.py: the same for another account"),
}
