"""What must be done to make a board into a unit: facts in, steps out. It touches nothing; `runner` does.

A step says how to see that it is done already, so that the whole plan may be run again at any time and goes on where it was
interrupted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.install.boards import Fit
from edge.install.facts import Facts
from edge.install.kit import Kit

PLACE = "/opt/lifecert"
STATE = "/var/lib/lifecert"
SETTINGS = "/etc/lifecert/unit.toml"
MODELS = f"{STATE}/models"
USER, PANEL = "lifecert", "lifecert-panel"


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its words. What runs is what a dry run shows."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """A file and what it holds."""

    path: str
    text: str
    mode: int = 0o644


Action = Command | Write


@dataclass(frozen=True, slots=True)
class Installed:
    """All these Debian packages are installed."""

    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Succeeds:
    """This command ends with 0."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enabled:
    """All these services start at every boot; `systemctl is-enabled` itself is content with one of them."""

    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """The file is there and holds just this."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangedFrom:
    """The file is there and somebody has changed it from this."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Always:
    """It is never known to be done; doing it again is harmless."""


Sign = Installed | Succeeds | Enabled | Holds | ChangedFrom | Always


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    name: str
    what: str
    """One clause for people."""
    done_when: Sign
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the installer asked for."""

    mirror: str | None = None
    """A folder with the files of the networks, in place of their official addresses."""
    wheels: str | None = None
    """A folder with the Python packages, in place of the registry."""
    rounds: int = 30
    """Turns of each candidate in the benchmark."""


def make_plan(facts: Facts, fit: Fit, kit: Kit, wishes: Wishes) -> tuple[Step, ...]:
    """All steps in their order."""
    return (
        _packages(fit),
        Step("users", "make the users of the services", Succeeds(("getent", "passwd", USER, PANEL)), (_sysusers(),)),
        Step("folders", "make the folders of the state", Succeeds(("test", "-d", f"{STATE}/gallery")), (_tmpfiles(),)),
        _environment(facts, fit, kit, wishes),
        _settings(fit, kit),
        _models(wishes),
        _benchmark(wishes),
        *_services(facts, kit),
    )


def _packages(fit: Fit) -> Step:
    install = ("apt-get", "install", "--yes", "--no-install-recommends", *fit.packages)
    actions = (Command(("apt-get", "update")), Command(install))
    return Step("packages", "install what comes from the system", Installed(fit.packages), actions)


def _sysusers() -> Command:
    return Command(("systemd-sysusers", "lifecert.conf"))


def _tmpfiles() -> Command:
    return Command(("systemd-tmpfiles", "--create", "lifecert.conf"))


def _environment(facts: Facts, fit: Fit, kit: Kit, wishes: Wishes) -> Step:
    """An environment that sees the system's own packages too, for the libraries of cameras and pins come with the system."""
    python = facts.pythons.get(fit.python, f"python{fit.python}")
    stamp = f"{PLACE}/.stands"
    offline = ("--no-index", "--find-links", wishes.wheels) if wishes.wheels else ()
    pip = (f"{PLACE}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir")
    actions = (
        Command(("rm", "-f", stamp)),
        Command((python, "-m", "venv", "--system-site-packages", PLACE)),
        Command((*pip, *offline, "--require-hashes", "--requirement", kit.lock(fit.python))),
        Command((*pip, "--no-index", "--no-deps", "--force-reinstall", kit.wheel)),
        Command((f"{PLACE}/bin/lifecert", "--version")),
        Write(stamp, kit.stamp(fit.python)),
    )
    return Step("environment", f"make {PLACE} with Python {fit.python}", Holds(stamp, kit.stamp(fit.python)), actions)


def _settings(fit: Fit, kit: Kit) -> Step:
    """Settings that somebody has changed stay as they are."""
    text = kit.settings_for(fit.board.value, fit.camera)
    return Step("settings", f"write {SETTINGS}", ChangedFrom(SETTINGS, kit.default_settings), (Write(SETTINGS, text),))


def _models(wishes: Wishes) -> Step:
    mirror = ("--mirror", wishes.mirror) if wishes.mirror else ()
    pull = Command(_as_unit("models", "pull", *mirror))
    return Step("models", "fetch the networks and check each", Succeeds(_as_unit("models", "verify")), (pull,))


def _benchmark(wishes: Wishes) -> Step:
    run = Command(_as_unit("models", "benchmark", "--state", STATE, "--rounds", str(wishes.rounds)))
    there = Succeeds(("test", "-s", f"{STATE}/models.json"))
    return Step("benchmark", "choose the fastest file of each network on this board", there, (run,))


def _services(facts: Facts, kit: Kit) -> Iterator[Step]:
    services = kit.services
    enable = (Command(("systemctl", "enable", *services)),)
    yield Step("services", "start the programs at every boot", Enabled(services), enable)
    if facts.booted:
        start = (Command(("systemctl", "daemon-reload")), Command(("systemctl", "restart", *services)))
        yield Step("start", "start the programs now", Always(), start)


def _as_unit(*words: str) -> tuple[str, ...]:
    """A command of the unit, as its user, with its cache."""
    there = ("env", f"HOME={STATE}", f"LIFECERT_CACHE={MODELS}")
    return ("runuser", "-u", USER, "--", *there, f"{PLACE}/bin/lifecert", *words)
