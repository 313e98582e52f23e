"""Pages for people: one file to read, print and pass on, with everything in it that it needs and no face. The door to jinja2."""

from __future__ import annotations

import base64
from pathlib import Path

from edge.evaluate.errors import ToolNotInstalledError

try:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
except ImportError as error:
    raise ToolNotInstalledError("jinja2") from error


def page_of(template: str, **facts: object) -> bytes:
    """A template of this folder with these facts in it, as HTML in UTF-8."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A file name of other bytes than UTF-8 reaches us as lone surrogates.
    return environment.get_template(template).render(**facts).encode("utf-8", "backslashreplace")


def inline(png: bytes) -> str:
    """A picture as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
