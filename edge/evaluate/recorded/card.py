"""What a recorded presentation is: a file `presentation.toml` beside its frames, strictly read. It holds codes, not names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from edge.evaluate.errors import PresentationInvalidError
from models.strict_toml import StrictTable, parse_strict, quoted, read_strict
from wire.result import Mode

FORMAT = 1
FILE = "presentation.toml"
FRAMES, REFERENCE = "frames", "reference"
"""The folder of the frames, and the photo that the visit was compared with, beside the file."""
LIVING = "live"
"""The species of a living person who shows their own face."""

SPECIES = re.compile(r"[a-z][a-z0-9_]{1,31}")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")
WORDS = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
NO_ARTEFACT = "none"
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_HEX = re.compile(r"(?:[0-9a-f]{2}){8,32}")


@dataclass(frozen=True, slots=True)
class PresentationCard:
    """One presentation. Texts are of 1 to 200 printable characters."""

    species: str
    """`live`, or the presentation attack instrument species (ISO/IEC 30107-3), such as `vinyl_print`."""
    artefact: str
    """Which thing of that species, for people: paper, printer, model of the screen; `none` for the living."""
    subject: str
    """Code of the person who is shown, never a name."""
    operator: str
    """Code of whoever made the presentation."""
    consent: str
    """Where the consent of the person is filed."""
    place: str
    """Where, and in which light."""
    camera: str
    lamps: str
    """Lamps of the unit as a light word, or `none`."""
    mode: Mode
    nonce: bytes
    """8 to 32 bytes: what the visit asked for follows from it."""
    recorded_at: str
    """UTC, ISO 8601."""
    software: str

    @property
    def living(self) -> bool:
        """Whether a person showed their own face."""
        return self.species == LIVING


def read_card(path: Path) -> PresentationCard:
    """Read the file; raises `PresentationInvalidError` that names file and key."""

    def wrong(_entry: str, key: str, problem: str) -> PresentationInvalidError:
        return PresentationInvalidError(path, key, problem)

    return _card(read_strict(path, wrong))


def _card(opened: StrictTable) -> PresentationCard:
    with opened as table:
        table.whole("format", FORMAT, FORMAT)
        card = PresentationCard(
            species=table.matching("species", SPECIES, "`live` or a word of a-z, 0-9 and _"),
            artefact=_words(table, "artefact"),
            subject=table.matching("subject", CODE, "a code of letters, digits and hyphens"),
            operator=table.matching("operator", CODE, "a code of letters, digits and hyphens"),
            consent=_words(table, "consent"),
            place=_words(table, "place"),
            camera=_words(table, "camera"),
            lamps=_words(table, "lamps"),
            mode=table.word("mode", Mode),
            nonce=bytes.fromhex(table.matching("nonce", _HEX, "8 to 32 bytes in hexadecimal digits")),
            recorded_at=table.matching("recorded_at", _TIME, "a time as 2026-05-31T09:30:00Z"),
            software=_words(table, "software"),
        )
        if card.living is not (card.artefact == NO_ARTEFACT):
            raise table.wrong("artefact", f"must be {NO_ARTEFACT!r} for the living, and name the thing for everything else")
        return card


def check_card(card: PresentationCard) -> PresentationCard:
    """Return a card whose file can be read again; raises `PresentationInvalidError` that names the word."""

    def wrong(_entry: str, key: str, problem: str) -> PresentationInvalidError:
        return PresentationInvalidError(Path(FILE), key, problem)

    return _card(parse_strict(FILE, card_text(card).encode(), wrong))


def _words(table: StrictTable, key: str) -> str:
    return table.matching(key, WORDS, "1 to 200 printable characters")


def card_text(card: PresentationCard) -> str:
    """The text of the file."""
    rows = (
        ("species", card.species),
        ("artefact", card.artefact),
        ("subject", card.subject),
        ("operator", card.operator),
        ("consent", card.consent),
        ("place", card.place),
        ("camera", card.camera),
        ("lamps", card.lamps),
        ("mode", card.mode.value),
        ("nonce", card.nonce.hex()),
        ("recorded_at", card.recorded_at),
        ("software", card.software),
    )
    return f"format = {FORMAT}\n" + "".join(f"{key} = {quoted(value)}\n" for key, value in rows)


def find_cards(root: Path) -> tuple[Path, ...]:
    """The folders of presentations below a folder, in the order of their names; half-made ones are left out."""
    return tuple(sorted(path.parent for path in root.glob(f"*/{FILE}")))
