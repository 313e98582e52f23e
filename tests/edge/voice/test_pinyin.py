"""Every sentence is read in syllables that the voice knows, and the words that a dictionary reads otherwise are read rightly."""

from __future__ import annotations

import re

import pytest

from edge.prompts.catalogue import load_catalogue
from edge.prompts.spoken import every_sentence
from edge.voice.errors import SentenceUnreadableError
from edge.voice.pinyin import OVERRIDES, pinyin_of

SENTENCES = [part for spoken in every_sentence(load_catalogue("zh-CN")) for part in spoken.parts]
INITIAL, FINAL = (
    r"(b|p|m|f|d|t|n|l|g|k|h|j|q|x|zh|ch|sh|r|z|c|s|y|w)?",
    r"(a|o|e|i|u|ü|ai|ei|ui|ao|ou|iu|ie|üe|ue|er|an|en|in|un|ün|ang|eng|ing|ong|ia|ian|iang|iao|iong|ua|uai|uan|uang|uo)",
)


@pytest.mark.parametrize("sentence", dict.fromkeys(SENTENCES))
def test_nothing_is_left_but_syllables_with_tones(sentence: str) -> None:
    said = pinyin_of(sentence)

    syllables = re.findall(r"([a-zü]+)([1-5])", said)
    assert re.sub(r"[a-zü]+[1-5]|[ ,.]", "", said) == ""
    assert [syllable for syllable, _ in syllables if not re.fullmatch(INITIAL + FINAL, syllable)] == []


@pytest.mark.parametrize("sentence", dict.fromkeys(SENTENCES))
def test_each_character_is_one_syllable_and_each_mark_one_pause(sentence: str) -> None:
    said = pinyin_of(sentence)

    assert len(re.findall(r"[1-5]", said)) == sum("\u4e00" <= letter <= "\u9fff" for letter in sentence)
    assert len(re.findall(r"[,.]", said)) == sum(letter in "，。、！？" for letter in sentence)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("戴着墨镜", "dai4 zhe5 mo4 jing4"),
        ("离得太远了", "li2 de5 tai4 yuan3 le5"),
        ("请把头发拨开，露出眉毛。", "qing3 ba3 tou2 fa5 bo1 kai1, lu4 chu1 mei2 mao5."),
        ("请不要用手或者东西挡住脸。", "qing3 bu2 yao4 yong4 shou3 huo4 zhe3 dong1 xi5 dang3 zhu4 lian3."),
        ("没有登记的照片", "mei2 you3 deng1 ji4 de5 zhao4 pian4"),
        ("请重新办理。", "qing3 chong2 xin1 ban4 li3."),
        ("还没到办理时间", "hai2 mei2 dao4 ban4 li3 shi2 jian1"),
        ("脸不在中间", "lian3 bu2 zai4 zhong1 jian1"),
        ("请换一台设备", "qing3 huan4 yi4 tai2 she4 bei4"),
    ],
)
def test_words_that_are_read_wrongly_elsewhere_are_read_rightly(text: str, said: str) -> None:
    assert pinyin_of(text) == said


def test_every_override_has_one_syllable_for_each_character_and_is_used() -> None:
    for word, said in OVERRIDES.items():
        assert len(said.split()) == len(word)
        assert any(word in sentence for sentence in SENTENCES), word


@pytest.mark.parametrize(("text", "left"), [("请按OK键", "qing3 an4 OK jian4"), ("拨打12333", "bo1 da3 12333"), ("😀", "😀")])
def test_what_has_no_reading_is_refused_by_name(text: str, left: str) -> None:
    with pytest.raises(SentenceUnreadableError) as caught:
        pinyin_of(text)

    assert (caught.value.text, caught.value.left) == (text, left)
