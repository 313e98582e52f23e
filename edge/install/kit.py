"""What the package brings for the installation: the wheel, the locked sets of packages, the settings that nobody has touched."""

from __future__ import annotations

import configparser
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from edge.install.errors import KitIncompleteError

LOCKS = {"3.11": "unit-bookworm.txt", "3.13": "unit-trixie.txt"}
"""Version of Python -> its set."""
SERVICES = ("lifecert-enrol", "lifecert-edge", "lifecert-uplink", "lifecert-panel")
"""Programs of a unit that systemd starts, if this release has them."""


@dataclass(frozen=True, slots=True)
class Kit:
    """The files of one release."""

    wheel: str
    locks: tuple[tuple[str, str], ...]
    """Version of Python and file."""
    digest: str
    """SHA-256 over wheel and locks: another one means another environment."""
    default_settings: str
    programs: frozenset[str]
    """What the wheel installs."""

    def lock(self, python: str) -> str:
        """The locked set for a version of Python."""
        return dict(self.locks)[python]

    def stamp(self, python: str) -> str:
        """What a finished environment of this release is marked with."""
        return f"{python} {self.digest}\n"

    @property
    def services(self) -> tuple[str, ...]:
        """The services of this release, in the order of starting."""
        return tuple(f"{name}.service" for name in SERVICES if name in self.programs)

    def settings_for(self, board: str, camera: str) -> str:
        """The settings of the package, with this board and camera; and a page as its screen, if this release has the panel."""
        lines = [f'[unit]\nboard = "{board}"\ncamera = "{camera}"' if line == "[unit]" else line
                 for line in self.default_settings.splitlines()]  # fmt: skip
        screen = ["", "[screen]", 'kind = "panel"'] if "lifecert-panel" in self.programs else []
        return "\n".join([*lines, *screen]) + "\n"


def open_kit(folder: Path) -> Kit:
    """Read the folder that the package has laid down, /usr/lib/lifecert; raises `KitIncompleteError`."""
    wheels = sorted(folder.glob("lifecert-*.whl"))
    locks = {version: folder / name for version, name in LOCKS.items()}
    settings = folder / "unit.toml"
    for needed, there in (("its wheel", bool(wheels)), *((str(path), path.is_file()) for path in (*locks.values(), settings))):
        if not there:
            raise KitIncompleteError(needed)
    wheel = wheels[-1]
    digest = hashlib.sha256()
    for path in (wheel, *locks.values()):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return Kit(
        wheel=str(wheel),
        locks=tuple((version, str(path)) for version, path in locks.items()),
        digest=digest.hexdigest(),
        default_settings=settings.read_text(encoding="utf-8"),
        programs=_programs(wheel),
    )


def _programs(wheel: Path) -> frozenset[str]:
    """The names in entry_points.txt of a wheel (packaging.python.org, entry points specification)."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
            text = archive.read(name).decode("utf-8")
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise KitIncompleteError(f"the list of programs in {wheel.name}") from error
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.read_string(text)
    return frozenset(parser["console_scripts"]) if parser.has_section("console_scripts") else frozenset()
