"""The documents are true of the tree: links lead somewhere, commands exist and each is explained, changes are told."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parent.parent
CLI = ROOT / "docs" / "cli.md"
FOLDERS = ("docs", "wire", "firmware", "models", "edge", "provisioning", "demo", "systemd", "examples", "tests")
DOCUMENTS = sorted({*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))})
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]

LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)")
TREE_PATH = re.compile(rf"`((?:{'|'.join(FOLDERS)}|scripts|requirements)/[\w./*-]*)`")
HEADING = re.compile(r"^#{2,4} `((?:lifecert|firmware-)[a-z0-9 -]*)`", re.MULTILINE)
SPOKEN = re.compile(r"^\s*(?:\$ )?(?:\.venv/bin/)?(lifecert(?:-[a-z]+)?|firmware-[a-z]+)(?= |$)(.*)")


def broken_links(document: Path, text: str) -> list[str]:
    """Links to files that are not there."""
    targets = (target.partition("#")[0] for target in LINK.findall(text) if not re.match(r"[a-z]+:", target))
    return [target for target in targets if target and not (document.parent / target).exists()]


def paths_that_are_not_there(text: str) -> list[str]:
    """Paths of the tree, spelled in backticks from its root, that match nothing."""
    return [
        path for path in TREE_PATH.findall(text) if not any(ROOT.glob(path.rstrip("/"))) and not (ROOT / f"{path}.py").is_file()
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_and_every_path_in_a_document_leads_to_a_file(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert broken_links(ROOT / name, text) == []
    assert paths_that_are_not_there(text) == []


def test_a_link_or_a_path_that_leads_nowhere_is_found() -> None:
    text = (
        "[a](README.md) [b](nowhere.md#part) ![c](no.png) [d](https://example.org/x) `edge/flow.py` `edge/*.py` `edge/nothing.py`"
    )

    assert broken_links(ROOT / "x.md", text) == ["nowhere.md", "no.png"]
    assert paths_that_are_not_there(text) == ["edge/nothing.py"]


@cache
def programs() -> dict[str, click.Command]:
    """The programs that the package installs."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    return {
        program: getattr(import_module(where.partition(":")[0]), where.partition(":")[2]) for program, where in scripts.items()
    }


def leaves(spoken: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, under the words that call it."""
    if not isinstance(command, click.Group):
        yield spoken, command
        return
    if command.invoke_without_command:
        yield spoken, command
    context = click.Context(command)
    for word in command.list_commands(context):
        inner = command.get_command(context, word)
        assert inner is not None, f"{spoken} {word} cannot be loaded"
        yield from leaves(f"{spoken} {word}", inner)


def every_command() -> dict[str, click.Command]:
    """Words -> command, for all programs."""
    return {spoken: command for program, main in programs().items() for spoken, command in leaves(program, main)}


def sections(text: str) -> dict[str, str]:
    """Words of a heading -> the text below it."""
    found = list(HEADING.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {match[1]: text[match.end() : end] for match, end in zip(found, ends, strict=True)}


def test_the_list_of_commands_names_each_command_and_no_other() -> None:
    assert sorted(sections(CLI.read_text(encoding="utf-8"))) == sorted(every_command())


def test_the_list_of_commands_names_every_option() -> None:
    told = sections(CLI.read_text(encoding="utf-8"))
    missing = [
        f"{spoken} {option.opts[-1]}"
        for spoken, command in every_command().items()
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden and option.opts[-1] not in told.get(spoken, "")
    ]

    assert missing == []


def test_every_command_says_what_it_is_for() -> None:
    assert [spoken for spoken, command in every_command().items() if not command.get_short_help_str(200)] == []


def unknown_calls(text: str) -> list[str]:
    """Lines of fenced blocks that call one of our programs with words or options that it does not know."""
    fenced = "\n".join(re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    calls = [match for line in fenced.splitlines() if (match := SPOKEN.match(line))]
    return [match[0].strip() for match in calls if not is_known(match[1], match[2])]


def is_known(program: str, rest: str) -> bool:
    """Whether the words lead to a command and the options are its own."""
    command = programs().get(program)
    if command is None:
        return False
    words = rest.partition("#")[0].split()
    known = {"--help", "--version"}
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        known |= {name for option in command.params for name in option.opts}
        command = command.get_command(click.Context(command), words.pop(0))
    if command is None:
        return False
    known |= {name for option in command.params for name in option.opts}
    return all(
        re.split(r"[=\s|\]]", word)[0] in known for word in (word.lstrip("[(") for word in words) if re.match(r"--[a-z]", word)
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_call_in_a_document_is_one_that_works(name: str) -> None:
    assert unknown_calls((ROOT / name).read_text(encoding="utf-8")) == []


def test_a_call_that_does_not_work_is_found() -> None:
    good = "lifecert doctor --json\nlifecert models pull [NAME]... [--mirror DIR]   # --nonsense\n"
    bad = "lifecert doctor --loudly\nlifecert cure\n$ lifecert-nothing\nfirmware-selftest --louder\n"

    assert unknown_calls(f"```sh\n{good}{bad}```\n") == [
        "lifecert doctor --loudly",
        "lifecert cure",
        "$ lifecert-nothing",
        "firmware-selftest --louder",
    ]


def test_the_changelog_tells_what_is_not_released_yet() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = text.partition("## [Unreleased]")[2].partition("\n## ")[0]

    assert re.search(r"^### (Added|Changed|Deprecated|Removed|Fixed|Security)$", unreleased, re.MULTILINE)
    assert re.search(r"^- \S", unreleased, re.MULTILINE)


ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:4] for path in ADRS] == [f"{number:04}" for number in range(1, len(ADRS) + 1)]


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_decision_gives_its_reasons_on_one_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 60


def test_every_dependency_is_locked_with_hashes_and_no_address_in_both_sets() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for name, newer in (("bookworm", False), ("trixie", True)):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        locked = {line.partition("==")[0] for line in text.splitlines() if re.match(r"[a-z]", line)}
        wanted = [line for extra in ("centre", "models", "panel", "voice", "dev") for line in extras[extra]] + project[
            "dependencies"
        ]
        other_set = "python_version < '3.12'" if newer else "python_version >= '3.12'"
        # A registry spells dots and underscores as hyphens.
        names = {re.sub(r"[._]", "-", re.split(r"[\[<>=;]", line)[0].strip().lower()) for line in wanted if other_set not in line}

        assert names - locked == set(), name
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
