"""What a survey says, in Chinese and English: for whoever sets a unit up, not for visitors."""

from __future__ import annotations

from collections.abc import Mapping

from edge.evaluate.survey.score import Advice, Trait

NAMES: Mapping[Trait, tuple[str, str]] = {
    Trait.DARK: ("太暗", "too dark"),
    Trait.BRIGHT: ("太亮", "too bright"),
    Trait.BACKLIT: ("背后有强光", "light from behind"),
    Trait.SIDE_LIT: ("光线偏在一侧", "light from one side"),
    Trait.BUSY: ("背景杂乱", "busy background"),
    Trait.SHINY: ("背景反光", "shiny background"),
}

REMEDIES: Mapping[Trait, tuple[str, str]] = {
    Trait.DARK: (
        "请在设备上方或后方加一盏灯，灯光照向来办事的人。",
        "Add a lamp above or behind the unit that lights the visitor's face.",
    ),
    Trait.BRIGHT: (
        "请拉上窗帘，或者把设备搬到没有直射阳光的地方。",
        "Draw the curtain, or move the unit out of direct sunlight.",
    ),
    Trait.BACKLIT: (
        "来办事的人背后有窗或强灯：请让设备背靠窗户，让人面向窗户坐。",
        "There is a window or a bright lamp behind the visitor: put the unit's back to the window, so that visitors face it.",
    ),
    Trait.BUSY: (
        "请让来办事的人背后是一面干净的墙，或者挂一块素色的布。",
        "Let there be a plain wall, or a plain cloth, behind the visitor.",
    ),
    Trait.SHINY: (
        "来办事的人背后有反光的墙面、玻璃或镜框：请换一面不反光的墙，或者挂一块布。",
        "Something behind the visitor mirrors a lamp, a glossy wall, a pane or a frame: choose a matt wall, or hang a cloth.",
    ),
}

SIDES: Mapping[bool, tuple[str, str]] = {
    True: (
        "光线从画面左边来：请把座位和设备一起转个方向，让人面向光线。",
        "The light comes from the left of the picture: turn seat and unit so that visitors face it.",
    ),
    False: (
        "光线从画面右边来：请把座位和设备一起转个方向，让人面向光线。",
        "The light comes from the right of the picture: turn seat and unit so that visitors face it.",
    ),
}


def remedy(advice: Advice) -> tuple[str, str]:
    """What to do, in Chinese and in English."""
    return REMEDIES[advice.trait] if advice.from_left is None else SIDES[advice.from_left]


def spans(hours: tuple[int, ...]) -> str:
    """Hours of the day as spans: (8, 9, 10, 15) is `8:00–11:00, 15:00–16:00`."""
    parts: list[list[int]] = []
    for hour in sorted(hours):
        if parts and hour == parts[-1][1]:
            parts[-1][1] = hour + 1
        else:
            parts.append([hour, hour + 1])
    return ", ".join(f"{first}:00–{last}:00" for first, last in parts)
