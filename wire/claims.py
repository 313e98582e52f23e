"""Reads the claims of a signed statement one by one: each has a type and a range, and none may be left over."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from wire.codec import Value, decode
from wire.errors import StatementInvalidError

Word = TypeVar("Word", bound=StrEnum)

MAX_TIME_S = 2**37
"""Latest time that is taken as a Unix time (the year 6325): every `datetime` can hold it, in every time zone."""


class Claims:
    """Takes typed claims out of a payload; `finish` refuses what nobody asked for.

    Every method raises `StatementInvalidError` that names the claim; `of` also raises `MalformedError`.
    """

    def __init__(self, claims: dict[int | str, Value]) -> None:
        self._left = dict(claims)

    @classmethod
    def of(cls, payload: bytes) -> Claims:
        """Decode a payload that must be one map."""
        value = decode(payload)
        if not isinstance(value, dict):
            raise StatementInvalidError("payload", "it is not a map of claims")
        return cls(value)

    def has(self, label: int) -> bool:
        """Whether the claim is there and was not taken yet."""
        return label in self._left

    def integer(self, label: int, name: str, low: int, high: int) -> int:
        """Take an integer from low to high, both included."""
        value = self._take(label, name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise StatementInvalidError(name, f"not an integer from {low} to {high}")
        return value

    def time_s(self, label: int, name: str) -> int:
        """Take a Unix time in seconds."""
        return self.integer(label, name, 0, MAX_TIME_S)

    def text(self, label: int, name: str, most: int) -> str:
        """Take a text of 1 to `most` characters."""
        value = self._take(label, name)
        if not isinstance(value, str) or not 1 <= len(value) <= most:
            raise StatementInvalidError(name, f"not a text of 1 to {most} characters")
        return value

    def data(self, label: int, name: str, least: int, most: int) -> bytes:
        """Take bytes of bounded length."""
        value = self._take(label, name)
        if not isinstance(value, bytes) or not least <= len(value) <= most:
            raise StatementInvalidError(name, f"not {least} to {most} bytes")
        return value

    def texts(self, label: int, name: str, most: int) -> tuple[str, ...]:
        """Take a list of at most `most` texts of at most 64 characters."""
        value = self._take(label, name)
        if not isinstance(value, list) or len(value) > most:
            raise StatementInvalidError(name, f"not a list of at most {most} texts")
        texts = tuple(item for item in value if isinstance(item, str) and len(item) <= 64)
        if len(texts) != len(value):
            raise StatementInvalidError(name, "one of its items is not a short text")
        return texts

    def table(self, label: int, name: str, most: int) -> dict[str, Value]:
        """Take a map from short texts to anything; its values are checked by the caller."""
        value = self._take(label, name)
        if not isinstance(value, dict) or len(value) > most:
            raise StatementInvalidError(name, f"not a map of at most {most} entries")
        table = {key: item for key, item in value.items() if isinstance(key, str) and len(key) <= 64}
        if len(table) != len(value):
            raise StatementInvalidError(name, "one of its keys is not a short text")
        return table

    def word(self, label: int, name: str, words: type[Word]) -> Word:
        """Take a text that is one of the words."""
        return as_word(words, self.text(label, name, 64), name)

    def raw(self, label: int, name: str) -> Value:
        """Take a value of any shape; the caller checks it."""
        return self._take(label, name)

    def constant(self, label: int, name: str, expected: str) -> None:
        """Take a text that must be exactly this one."""
        if self._take(label, name) != expected:
            raise StatementInvalidError(name, f"not {expected}")

    def finish(self) -> None:
        """Refuse a statement with a claim that nobody asked for."""
        if self._left:
            raise StatementInvalidError(str(next(iter(self._left))), "unknown to this version")

    def _take(self, label: int, name: str) -> Value:
        if label not in self._left:
            raise StatementInvalidError(name, "missing")
        return self._left.pop(label)


def as_word(words: type[Word], text: str, name: str) -> Word:
    """The member of `words` that is spelled like this, else `StatementInvalidError`."""
    try:
        return words(text)
    except ValueError as error:
        raise StatementInvalidError(name, "an unknown word") from error


def without_none(claims: dict[int | str, Value]) -> dict[int | str, Value]:
    """Leave out the claims that are not there: absence is absence, never null."""
    return {label: value for label, value in claims.items() if value is not None}
