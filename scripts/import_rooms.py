"""Imports every module of some rooms and says which does not load; scripts/aarch64 runs it as another processor.

usage: python scripts/import_rooms.py ROOM...     from the root of the tree
A module may lack what only an extra of pyproject.toml brings (a board's own libraries, the measuring tools) unless a program
starts there. Anything else that does not load is named, and this ends with 1. Each name is said on stderr before it is
imported, so that the last line names the module that took it all down.
"""

# ruff: noqa: T201  it is a program, and this is how it speaks

from __future__ import annotations

import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path


def libraries(requirements: list[str]) -> set[str]:
    """What the libraries are called when they are imported."""
    return {re.split(r"[\[<>=;\s]", each)[0].replace("-", "_") for each in requirements}


def of_extras_only(extras: dict[str, list[str]], dependencies: list[str]) -> set[str]:
    """The libraries that a unit may lack."""
    return {library for extra in extras.values() for library in libraries(extra)} - libraries(dependencies)


def missing_library(error: BaseException) -> str:
    """The library whose absence began it all; empty when it was something else."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""


def main(rooms: list[str]) -> int:
    """Import all modules of these rooms; return the number of those that did not load."""
    root = Path.cwd()
    sys.path.insert(0, str(root))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    may_lack = of_extras_only(project["optional-dependencies"], project["dependencies"])
    programs = {where.partition(":")[0] for where in project["scripts"].values()}
    loaded, without, failed = 0, 0, 0
    for path in [path for room in rooms for path in sorted((root / room).rglob("*.py"))]:
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        print(f"importing {name} ...", file=sys.stderr, flush=True)
        try:
            import_module(name)
            loaded += 1
        except Exception as error:  # noqa: BLE001  whatever a module throws while it loads is what we are here to tell
            if missing_library(error) in may_lack and name not in programs:
                without += 1
                continue
            failed += 1
            print(f"error: {name} does not load: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    print(f"{loaded} modules load, {without} need an extra that a unit may lack, {failed} do not load")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
