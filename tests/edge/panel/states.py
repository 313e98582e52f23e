"""Every state of the screen page in both languages, with words as long as the unit's own. Nobody's face or name is in them."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.ports import Choice, Mood, View

LANGUAGES = ("zh-CN", "en")
_OTHER = {"zh-CN": Choice("LANGUAGE:en", "English"), "en": Choice("LANGUAGE:zh-CN", "中文")}
_CANCEL = {"zh-CN": Choice("CANCEL", "不办了"), "en": Choice("CANCEL", "Stop")}
_AGREE = {"zh-CN": Choice("AGREE", "同意"), "en": Choice("AGREE", "I agree")}
_DECLINE = {"zh-CN": Choice("DECLINE", "不同意"), "en": Choice("DECLINE", "I do not agree")}


@dataclass(frozen=True, slots=True)
class State:
    """One state: its view in each language, and how much of the visit is done."""

    name: str
    code: str
    mood: Mood
    words: tuple[tuple[str, str], tuple[str, str]]
    """Title and remedy, in Chinese and in English."""
    lines: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    left_s: int | None = None
    done: float | None = None
    mirror: bool = False

    def view(self, language: str, now_ns: int) -> View:
        """The view as `lifecert-edge` would send it now."""
        at = LANGUAGES.index(language)
        title, remedy = self.words[at]
        until_ns = None if self.left_s is None else now_ns + self.left_s * 1_000_000_000
        return View(self.code, title, remedy, language, self.mood, self.lines[at], self._choices(language), until_ns)

    def _choices(self, language: str) -> tuple[Choice, ...]:
        if self.mood is Mood.CONSENT:
            return (_AGREE[language], _DECLINE[language], _OTHER[language])
        visit = self.mood in (Mood.LOOK, Mood.HOLD, Mood.ACTION)
        return (_CANCEL[language], _OTHER[language]) if visit else (_OTHER[language],)


def _action(name: str, code: str, zh: str, en: str) -> State:
    words = ((zh, "慢慢来。"), (en, "Take your time."))
    return State(name, code, Mood.ACTION, words, left_s=12, done=0.6, mirror=True)


def _guide(name: str, code: str, zh: tuple[str, str], en: tuple[str, str]) -> State:
    return State(name, code, Mood.LOOK, (zh, en), done=0.3, mirror=True)


_NEXT_STEPS = (
    (
        "您还可以再试2次。",
        "您可以到柜台，请工作人员人工核对。",
        "柜台地址：幸福路8号一楼",
        "咨询电话：12333",
        "星期一上午10点以前来，人比较少。",
        "还可以这样办：社保卡、手机",
        "工作人员不会向您要密码和验证码。",
    ),
    (
        "Tries left: 2.",
        "At the counter, a person can check instead of this unit.",
        "Counter: 8 Xingfu Road, ground floor",
        "Hotline: 12333",
        "There is less waiting on Monday before 10:00.",
        "Other ways: bank card, phone",
        "Nobody from the office ever asks for your password or a code.",
    ),
)

STATES: tuple[State, ...] = (
    State(
        *("idle", "READY", Mood.IDLE, (("请坐到屏幕前", ""), ("Please sit in front of the screen", ""))),
        lines=(
            ("工作人员不会向您要密码和验证码。", "11月28日20:00至22:00系统维护。"),
            (
                "Nobody from the office ever asks for your password or a code.",
                "Maintenance on 28 November, 20:00 to 22:00.",
            ),
        ),
    ),
    State(
        *("consent", "CONSENT", Mood.CONSENT),
        (
            ("可以给您做人脸核对吗？", "同意请点“同意”，或按一下按钮。"),
            ("May this unit check your face?", "To agree, touch the green field or press the button."),
        ),
        lines=(
            (
                "这台设备要用摄像头看一看您的脸，确认是您本人。",
                "照片只在这台设备里比对，比对完马上删除。",
                "只把结果传给经办机构，不传照片。",
                "您可以不同意，到柜台也一样办理。",
            ),
            (
                "This unit looks at your face with its camera, to see that it is you.",
                "Pictures are compared inside this unit and deleted at once.",
                "Only the result goes to the office, never a picture.",
                "You may say no: the counter does the same for you.",
            ),
        ),
        left_s=60,
    ),
    State(
        *("hand-off", "HANDOFF", Mood.CONSENT),
        (
            ("社保网站请求确认您本人", "确实是您自己要办的，再点“同意”。"),
            ("The pension web site asks who you are", "Agree only if you asked for this yourself."),
        ),
        lines=(
            ("谁在问：市社会保险网上大厅", "要做什么：重置登录密码", "问题编号：7 3 9"),
            ("Who asks: the city's pension web site", "What for: a new password", "Number of the question: 7 3 9"),
        ),
        left_s=90,
    ),
    State(
        *("look", "LOOK_HERE", Mood.LOOK),
        (("请看屏幕", "把脸放在画面中间。"), ("Please look here", "Keep your face in the middle.")),
    ),
    State(
        *("hold", "HOLD_STILL_PLEASE", Mood.HOLD, (("很好，请不要动", ""), ("Good, please keep still", ""))),
        done=0.5,
        mirror=True,
    ),
    _action("blink", "ASK_BLINK", "请眨一下眼睛", "Please blink your eyes"),
    _action("open-mouth", "ASK_OPEN_MOUTH", "请张开嘴，再合上", "Please open your mouth and close it again"),
    _action("nod", "ASK_NOD", "请点点头", "Please nod your head"),
    _action("turn-left", "ASK_TURN_LEFT", "请把头转向您的左边，再转回来", "Please turn your head to your left, and back"),
    _action("turn-right", "ASK_TURN_RIGHT", "请把头转向您的右边，再转回来", "Please turn your head to your right, and back"),
    _action("look-up", "ASK_LOOK_UP", "请抬头，再看回屏幕", "Please look up, and back at the screen"),
    _guide(
        *("off-centre", "OFF_CENTRE", ("脸不在中间", "请把脸移到屏幕中间。")),
        ("Your face is not in the middle", "Please move so that your face is in the middle of the screen."),
    ),
    _guide(
        *("too-far", "TOO_FAR", ("离得太远了", "请靠近一点，到一臂以内。")),
        ("You are too far away", "Please come closer, within arm's length."),
    ),
    _guide(
        *("too-dark", "TOO_DARK", ("光线太暗了", "请开灯，或者到亮一点的地方。")),
        ("It is too dark", "Please switch on a light or move to a brighter place."),
    ),
    _guide(
        *("glasses", "GLASSES_GLARE", ("眼镜反光", "请稍微低一点头，或者先摘下眼镜。")),
        ("Your glasses reflect the light", "Please tilt your head a little, or take off your glasses."),
    ),
    _guide(
        *("hair", "HAIR_OVER_FACE", ("头发挡住了脸", "请把头发拨开，露出眉毛。")),
        ("Hair covers your face", "Please brush your hair aside so that your eyebrows can be seen."),
    ),
    State(
        *("done", "DONE", Mood.DONE, (("办好了", "谢谢您。"), ("Done", "Thank you."))),
        lines=(
            ("本次编号：3F2A-77", "下次办理时间：2027年11月27日", "结果已经保存，联网后自动上传。"),
            (
                "Number of this visit: 3F2A-77",
                "Please come again: 27 November 2027",
                "The result is saved and will be sent when there is a network.",
            ),
        ),
        left_s=30,
    ),
    State(
        *("mismatch", "FACE_MISMATCH", Mood.REFUSED),
        (
            ("和登记的照片不像", "请工作人员核对证件，或者到柜台办理。"),
            ("Your face does not match the photo on file", "Please ask the staff to check your document, or go to the counter."),
        ),
        lines=_NEXT_STEPS,
        left_s=60,
    ),
    State(
        *("locked", "LOCKED", Mood.REFUSED),
        (
            ("试的次数太多，暂时不能办理", "请过一会儿再来，或者到柜台办理。"),
            ("Too many tries, this is locked for now", "Please come back later, or go to the counter."),
        ),
        lines=(
            ("请在15:40以后再来。", "咨询电话：12333"),
            ("Please come back after 15:40.", "Hotline: 12333"),
        ),
    ),
    State(
        *("out-of-order", "OUT_OF_ORDER", Mood.FAULT),
        (
            ("设备暂停使用", "请换一台设备，或者到柜台办理。"),
            ("Out of order", "Please use another unit, or go to the counter."),
        ),
    ),
)
