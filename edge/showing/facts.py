"""The facts of a condition that are known by name: what they are called, and what may be passed on of them.

Others are shown to the operator under their own names, and go no further than that page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wire.reasons import Reason

Value = str | int | float | bool | None


class Kind(StrEnum):
    """What a fact may be."""

    NUMBER = "number"
    FLAG = "flag"
    WORD = "word"
    """A word for machines: letters, digits and `_:.-`, no space."""
    REASONS = "reasons"
    """Codes of `wire.reasons`, newest first, with spaces between them."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact, with its names for people."""

    kind: Kind
    zh: str
    en: str
    unit: str = ""


FACTS: Mapping[str, Fact] = {
    "state": Fact(Kind.WORD, "状态", "State"),
    "trouble": Fact(Kind.WORD, "故障", "Trouble"),
    "serves": Fact(Kind.FLAG, "可以办理", "Serves"),
    "fault": Fact(Kind.WORD, "故障原因", "Fault"),
    "faults": Fact(Kind.NUMBER, "故障数", "Faults"),
    "last_reasons": Fact(Kind.REASONS, "最近的原因", "Last reasons"),
    "visits": Fact(Kind.NUMBER, "办理次数", "Visits"),
    "accepted": Fact(Kind.NUMBER, "通过次数", "Accepted"),
    "spool_queued": Fact(Kind.NUMBER, "待上传", "Results that wait"),
    "spool_mib": Fact(Kind.NUMBER, "待传数据", "Spool", "MiB"),
    "tickets": Fact(Kind.NUMBER, "待办任务", "Tickets that wait"),
    "net": Fact(Kind.WORD, "网络", "Network"),
    "clock": Fact(Kind.WORD, "时间", "Clock"),
    "camera": Fact(Kind.WORD, "摄像头", "Camera"),
    "lens": Fact(Kind.WORD, "镜头", "Lens"),
    "light": Fact(Kind.WORD, "补光灯", "Light"),
    "heat": Fact(Kind.WORD, "温度状态", "Heat"),
    "celsius": Fact(Kind.NUMBER, "温度", "Temperature", "°C"),
    "slowed": Fact(Kind.NUMBER, "降速原因数", "What slows the board"),
    "free_mib": Fact(Kind.NUMBER, "剩余空间", "Free space", "MiB"),
    "disk_percent": Fact(Kind.NUMBER, "磁盘使用", "Disk in use", "%"),
    "spool_percent": Fact(Kind.NUMBER, "待传使用", "Spool in use", "%"),
    "ballast": Fact(Kind.FLAG, "预留空间", "Space held back"),
    "contact_age_s": Fact(Kind.NUMBER, "距上次联系", "Since the centre answered", "s"),
    "certificate_days": Fact(Kind.NUMBER, "证书剩余", "Certificate lasts", "days"),
    "volume": Fact(Kind.NUMBER, "音量", "Volume", "%"),
    "version": Fact(Kind.WORD, "版本", "Version"),
    "enrolled": Fact(Kind.FLAG, "已登记", "Enrolled"),
}
"""All that `edge/health/report.py` tells, in the order in which an operator reads it."""

FINDINGS = ("doctor", "survey", "calibrate", "volume")
"""A finding is named `doctor.camera`, and says `ok` or `BAD` and a sentence for people."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]{0,31}")
_LONG_NUMBER = re.compile(r"\d{9}")
"""A number of a person has fifteen digits or more, a telephone eleven."""
_FINDING = re.compile(rf"({'|'.join(FINDINGS)})\.[a-z_]{{1,24}}")


def passed_on(name: str, value: Value) -> Value:
    """What of a fact may leave the unit: nothing of a fact that is not known, nor of a known one of another kind."""
    if _FINDING.fullmatch(name):
        return _verdict(value)
    fact = FACTS.get(name)
    if fact is None:
        return None
    match fact.kind, value:
        case Kind.FLAG, bool():
            return value
        case Kind.NUMBER, int() | float() if not isinstance(value, bool):
            return value
        case Kind.WORD, str() if _WORD.fullmatch(value) and not _LONG_NUMBER.search(value):
            return value
        case Kind.REASONS, str():
            return " ".join(word for word in value.split() if word in Reason.__members__)
    return None


def is_finding(name: str) -> bool:
    """Whether a fact tells what an order found out."""
    return bool(_FINDING.fullmatch(name))


def _verdict(value: Value) -> Value:
    first = value.split(maxsplit=1)[0] if isinstance(value, str) and value.strip() else ""
    return first if first in ("ok", "BAD") else None
