"""Reads the JSON documents of our programs: a missing or wrong field is an error that names program and field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from demo.errors import AnswerUnreadableError

Wanted = TypeVar("Wanted")


@dataclass(frozen=True, slots=True)
class Answer:
    """One JSON object that a program gave. Every reader raises `AnswerUnreadableError` when the field is not as promised."""

    program: str
    fields: Mapping[str, object]

    def text(self, key: str) -> str:
        """A text."""
        return self._typed(key, str)

    def number(self, key: str) -> int:
        """A whole number."""
        return self._typed(key, int)

    def number_or_none(self, key: str) -> int | None:
        """A whole number, or null where there was none."""
        return None if self.fields.get(key) is None else self.number(key)

    def real(self, key: str) -> float:
        """A number with a fraction."""
        return float(self._typed(key, (int, float)))

    def truth(self, key: str) -> bool:
        """True or false."""
        return self._typed(key, bool)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._typed(key, list)
        if not all(isinstance(item, str) for item in found):
            raise AnswerUnreadableError(self.program, f"{key} is not a list of texts")
        return tuple(found)

    def part(self, key: str) -> Answer:
        """An object inside this one."""
        return Answer(self.program, self._typed(key, dict))

    def parts(self, key: str) -> tuple[Answer, ...]:
        """A list of objects."""
        found = self._typed(key, list)
        if not all(isinstance(item, dict) for item in found):
            raise AnswerUnreadableError(self.program, f"{key} is not a list of objects")
        return tuple(Answer(self.program, item) for item in found)

    @property
    def fault(self) -> str | None:
        """The sentence of its error; None when it has none."""
        error = self.fields.get("error")
        return str(error.get("message", error)) if isinstance(error, dict) else None

    def _typed(self, key: str, kind: type[Wanted] | tuple[type[Wanted], ...]) -> Wanted:
        value = self.fields.get(key)
        # bool is a kind of int in Python, and never meant as a number here.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise AnswerUnreadableError(self.program, f"{key} is {type(value).__name__}")
        return value


def read_answer(program: str, text: str | bytes) -> Answer:
    """Read the one JSON object of a program's output; `AnswerUnreadableError` for anything else."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise AnswerUnreadableError(program, "it is not JSON") from error
    if not isinstance(document, dict):
        raise AnswerUnreadableError(program, "it is not one JSON object")
    return Answer(program, document)
