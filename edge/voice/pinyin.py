"""Chinese in pinyin with tone numbers, as `espeak-ng -v cmn-latn-pinyin` reads it: the door of `pypinyin`.

espeak-ng 1.51 of Debian 12 reads Chinese characters as English (espeak-ng #1236), but its voice for pinyin is right. pypinyin
knows most words; what it reads wrong in our sentences stands in `OVERRIDES`, each with its dictionary form (Xiandai Hanyu
Cidian).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from edge.voice.errors import SentenceUnreadableError

OVERRIDES: Mapping[str, str] = {
    "戴着": "dai4 zhe5",
    "离得": "li2 de5",
    "头发": "tou2 fa5",
    "照片": "zhao4 pian4",
    "东西": "dong1 xi5",
    "地方": "di4 fang5",
    "眼睛": "yan3 jing5",
    "窗户": "chuang1 hu5",
    "谢谢": "xie4 xie5",
    "太阳": "tai4 yang5",
    "清楚": "qing1 chu5",
    "干净": "gan1 jing5",
    "眉毛": "mei2 mao5",
    "没关系": "mei2 guan1 xi5",
    "一会儿": "yi2 hui4 er5",
    "擦一擦": "ca1 yi5 ca1",
    "一个人": "yi2 ge4 ren2",
    "一下": "yi2 xia4",
    "一次": "yi2 ci4",
    "一台": "yi4 tai2",
    "一臂": "yi2 bi4",
}
"""Word -> how it is read. Longer words win."""

UNSPOKEN = str.maketrans("", "", "“”‘’「」《》（）")
"""Marks that a reader sees and nobody hears."""
PAUSES = str.maketrans({"，": ", ", "、": ", ", "。": ". ", "；": ", ", "：": ", ", "！": ". ", "？": ". "})
SYLLABLES = re.compile(r"[a-zü]+[1-5](?: [a-zü]+[1-5])*")
_WORDS = re.compile("|".join(sorted(map(re.escape, OVERRIDES), key=len, reverse=True)))


def pinyin_of(text: str) -> str:
    """Syllables with tones 1 to 5, spaces between them, and commas and full stops for the marks.

    Raises SentenceUnreadableError where a character has no reading.
    """
    from pypinyin import Style, lazy_pinyin

    plain_text = text.translate(UNSPOKEN)
    said, at = [], 0
    for found in (*_WORDS.finditer(plain_text), None):
        plain = plain_text[at : found.start() if found else len(plain_text)]
        said += lazy_pinyin(plain, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, v_to_u=True)
        if found:
            said.append(OVERRIDES[found[0]])
            at = found.end()
    spoken = " ".join(part.translate(PAUSES).strip() for part in said)
    spoken = re.sub(r"\s+([,.])", r"\1", spoken).strip()
    for phrase in re.split(r"[,.]\s*", spoken):
        if phrase and not SYLLABLES.fullmatch(phrase):
            raise SentenceUnreadableError(text, phrase)
    return spoken
