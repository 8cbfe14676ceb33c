"""Decides which sources of a target are compiled together.

The arguments are a folder to write to, and sources as paths from the root; what is printed are the sources to compile in their place. A group
is one file that includes its sources: headers and the code of templates are then compiled once for all of them. Sources that give the same name
to something at the outermost level, as in namespaces without a name, cannot be in one group."""

import pathlib
import re
import sys

MOST = 10  # sources in a group: two cores have to share, and a change compiles its whole group
SPACES = ("namespace", "}", "#", "//", "extern")
WORD = re.compile(r"[A-Za-z_]\w*")
LOCAL_TYPE = re.compile(r"\s+(?:struct|class)\s+(\w+)")
CODE = re.compile(r'"(?:\\.|[^"\\])*"|//.*')


def outermost_names(path):
    """A few too many: every word that begins something at the left margin, and the tests."""
    names = set()
    for line in path.read_text().splitlines():
        if local := LOCAL_TYPE.match(line):  # it would hide another's
            names.add(local.group(1))
        if not line or line[0].isspace() or line.startswith(SPACES):
            continue
        bare = CODE.sub("", line)
        if test := re.match(r"(?:TYPED_TEST|TEST)(?:_[A-Z]+)?\((\w+), *(\w+)", bare):
            names.add("_".join(test.groups()))
        elif declared := re.match(r"(?:template.*>\s*)?(?:struct|class|enum class|enum|union)\s+(\w+)", bare):
            names.add(declared.group(1))
        elif declared := re.match(r"using\s+(\w+)\s*=", bare):
            names.add(declared.group(1))
        else:
            head = re.split(r"[({=;]", bare)[0]
            if head.strip() and "::" not in head.split()[-1]:
                names.update(WORD.findall(head)[-1:])
    return names


def groups(sources):
    """Each source goes to the first group with room that has none of its names."""
    found = []
    for source in sources:
        names = outermost_names(pathlib.Path(source))
        for members, taken in found:
            if len(members) < MOST and not names & taken:
                members.append(source)
                taken |= names
                break
        else:
            found.append(([source], set(names)))
    return [members for members, _ in found]


def main():
    folder, *sources = sys.argv[1:]
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    for number, members in enumerate(groups(sources)):
        text = "".join(f'#include "{member}" // NOLINT\n' for member in members)
        path = pathlib.Path(folder) / f"{number}.cpp"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
        print(path)


main()
