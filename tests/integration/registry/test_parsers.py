"""Our parsers against those of containerd, distribution and oras, and against Python's table of addresses, for random input.

PURSER_PARSER_CASES names how many cases (2000 unless it says so), PURSER_SEED where to begin.
"""

import ipaddress
import os
import random

import pytest

CASES = int(os.environ.get("PURSER_PARSER_CASES", "2000"))
SEED = int(os.environ.get("PURSER_SEED", "20261122"))
NAMES = ("realm", "service", "scope", "error", "error_description", "x-other")
# What a quoted value may hold; the two that are escaped are added by quoted().
TEXT = "abcXYZ019 ,=:/?&-._~!#$%'()*+;<>@[]^`{|}"
TOKEN = "abcXYZ019!#$%&'*+-.^_`|~"


@pytest.fixture
def chance():
    return random.Random(SEED)


def any_case(chance, word):
    return "".join(chance.choice((letter.lower(), letter.upper())) for letter in word)


def quoted(chance):
    """A value, and how a header writes it: any character may be escaped, and the quote and the backslash must be."""
    value = "".join(chance.choice(TEXT + '"\\') for _ in range(chance.randint(1, 12)))
    written = "".join("\\" + c if c in '"\\' or chance.random() < 0.05 else c for c in value)
    return value, f'"{written}"'


def challenge(chance):
    """What it says, and a line of the header that says it. The forms are those that all three parsers know: one challenge
    a line, no value that is empty."""
    scheme = chance.choice(("basic", "bearer", "digest"))
    params, written = {}, []
    for name in chance.sample(NAMES, chance.randint(1, len(NAMES))):
        token = "".join(chance.choice(TOKEN) for _ in range(chance.randint(1, 8)))
        value, text = quoted(chance) if chance.random() < 0.8 else (token, token)
        params[name] = value
        written.append(f"{any_case(chance, name)}={text}")
    separator = "," + " " * chance.randint(0, 2)
    return {"scheme": scheme, "params": params}, f"{any_case(chance, scheme)} {separator.join(written)}"


def in_order(challenges):
    return sorted(challenges, key=lambda each: (each["scheme"], sorted(each["params"].items())))


def test_challenges_are_read_as_containerd_and_distribution_read_them(chance, ours, theirs):
    said = [[challenge(chance) for _ in range(chance.randint(1, 4))] for _ in range(CASES)]
    questions = [{"header": [line for _, line in each]} for each in said]
    for each, mine, other in zip(said, ours(questions), theirs(questions)):
        meant = [meaning for meaning, _ in each]
        assert mine == meant
        assert in_order(other["containerd"]) == in_order(meant)
        assert other["distribution"] == meant


def scope(chance):
    if chance.random() < 0.15:
        return chance.choice(("aws", "unknown", "a:b", ":"))
    kind = chance.choice(("repository", "repository", "registry", "repository(plugin)", "artifact-repository", ""))
    name = chance.choice(("a", "b/c", "catalog", "host:5000/a", "foo", "foo-bar", ""))
    actions = [chance.choice(("pull", "push", "delete", "*", "", "pull")) for _ in range(chance.randint(0, 4))]
    return f"{kind}:{name}:{','.join(actions)}"


def test_scopes_are_cleaned_as_oras_cleans_them(chance, ours, theirs):
    questions = []
    for _ in range(CASES):
        scopes = [scope(chance) for _ in range(chance.randint(0, 8))]
        # Twice: oras sorts what stands behind the one colon of an opaque scope where it is asked for it alone.
        questions.append({"scopes": scopes * 2})
    for question, mine, other in zip(questions, ours(questions), theirs(questions)):
        # It keeps an opaque one as often as it came.
        assert mine == sorted(set(other["oras"] or [])), question


def addresses(chance):
    """At and around each end of the ranges that IANA set aside, and anywhere."""
    ranges = ("0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24"
              " 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
              " ::/128 ::1/128 100::/64 2001::/23 2001:db8::/32 fc00::/7 fe80::/10 fec0::/10 ff00::/8 2000::/3").split()
    for network in map(ipaddress.ip_network, ranges):
        for edge in (network[0], network[-1]):
            yield from (type(edge)(number) for number in range(max(int(edge) - 1, 0), int(edge) + 2)
                        if number < 2 ** edge.max_prefixlen)
    for _ in range(CASES):
        yield ipaddress.IPv4Address(chance.getrandbits(32))
        yield ipaddress.IPv6Address(0x2 << 124 | chance.getrandbits(125))
        yield ipaddress.IPv6Address(chance.getrandbits(128))


def is_public(address):
    """As Python says, but for what is stricter here, and what it takes for an address of its own."""
    if address.version == 4:
        relays = ipaddress.ip_network("192.88.99.0/24")
        return address.is_global and not address.is_multicast and address not in relays
    if address.ipv4_mapped or address.sixtofour:
        return is_public(address.ipv4_mapped or address.sixtofour)
    handed_out = ipaddress.ip_network("2000::/3")
    # Holes that IANA left in what is not global: nobody's registry is there.
    assignments = ipaddress.ip_network("2001::/23")
    documentation = ipaddress.ip_network("3fff::/20")
    return address.is_global and address in handed_out and address not in assignments and address not in documentation


def test_addresses_are_public_where_python_says_so(chance, ours):
    asked = list(addresses(chance))
    told = ours([{"address": str(address)} for address in asked])
    assert [str(each) for each, mine in zip(asked, told) if mine != is_public(each)] == []
    assert 0 < sum(told) < len(told)
