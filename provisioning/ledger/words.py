"""The page's words, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.ledger.models import Cause
from wire.reasons import Category
from wire.receipt import Standing
from wire.result import Verdict


@dataclass(frozen=True, slots=True)
class Words:
    """One thing in both languages."""

    zh: str
    en: str


VERDICTS: Mapping[Verdict, Words] = {
    Verdict.ACCEPTED: Words("通过", "Accepted"),
    Verdict.REFUSED: Words("未通过", "Refused"),
    Verdict.REVIEW: Words("待复核", "Review"),
    Verdict.ATTACK: Words("疑似攻击", "Attack"),
    Verdict.ABORTED: Words("已中止", "Aborted"),
}

STANDINGS: Mapping[Standing, Words] = {
    Standing.FINAL: Words("终局", "Final"),
    Standing.RECORDED: Words("已记录", "Recorded"),
    Standing.SUPERSEDED: Words("已有终局", "Superseded"),
    Standing.QUARANTINED: Words("隔离待查", "Quarantined"),
}

CAUSES: Mapping[Cause, Words] = {
    Cause.SETTLES: Words("办结本次核验", "settles its ticket"),
    Cause.NO_TICKET: Words("无任务单", "no ticket"),
    Cause.ABORTED: Words("未完成", "not completed"),
    Cause.SETTLED_BEFORE: Words("任务单已办结", "ticket settled before"),
    Cause.UNIT_BLOCKED: Words("设备已停用", "unit blocked"),
    Cause.FORK: Words("序号分叉", "forked sequence"),
    Cause.KEY_EXPIRED: Words("密钥已过期", "key expired"),
    Cause.NONCE_UNKNOWN: Words("任务单不存在", "unknown ticket"),
    Cause.OTHER_UNIT: Words("他机任务单", "ticket of another unit"),
    Cause.OTHER_PERSON: Words("人员不符", "another person"),
    Cause.OTHER_RULES: Words("规则不符", "other rules than ordered"),
    Cause.TOO_EARLY: Words("早于有效期", "before its time"),
    Cause.TOO_LATE: Words("已过有效期", "after its time"),
}

CATEGORIES: Mapping[Category, Words] = {
    Category.GUIDANCE: Words("拍摄", "guidance"),
    Category.ACTION: Words("动作", "action"),
    Category.IDENTITY: Words("身份", "identity"),
    Category.ATTACK: Words("攻击", "attack"),
    Category.POLICY: Words("规则", "policy"),
    Category.TRUST: Words("信任", "trust"),
    Category.EQUIPMENT: Words("设备", "equipment"),
    Category.SERVICE: Words("网络", "service"),
    Category.COURSE: Words("过程", "course"),
}
