"""A chromium that looks at a panel, and what it measures there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from edge.showing.server import StageServer
from firmware.ports import Mood, View
from tests.edge.panel.album import SIZES, drawn_visitor
from tests.edge.panel.running import Running, until

CHROMIUM = "/usr/bin/chromium"
VISIT = (Mood.LOOK, Mood.HOLD, Mood.ACTION)
AXE = Axe()
_CONTRAST_OF_SEVEN = {"resultTypes": ["violations"], "rules": {"color-contrast-enhanced": {"enabled": True}}}

# 28 pt are 37.33 CSS px. A box that may scroll is whole as long as its end can be reached.
FLAWS = """() => {
  const flaws = [], width = innerWidth, height = innerHeight;
  const whole = document.documentElement;
  if (whole.scrollWidth > width || whole.scrollHeight > height) flaws.push("the page scrolls");
  for (const box of document.querySelectorAll("h1, h2, p, li, button, #seconds")) {
    if (!box.checkVisibility() || !box.textContent) continue;
    const at = box.getBoundingClientRect(), what = `${box.tagName} ${box.textContent}`;
    if (parseFloat(getComputedStyle(box).fontSize) < 37.33) flaws.push(`too small: ${what}`);
    if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 6) flaws.push(`cut: ${what}`);
    if (at.left < 0 || at.right > width + 1) flaws.push(`beside the screen: ${what}`);
    if (box.tagName !== "LI" && (at.top < -1 || at.bottom > height + 1)) flaws.push(`beyond the screen: ${what}`);
    if (box.tagName === "BUTTON" && (at.height < 60 || at.width < 60)) flaws.push(`hard to hit: ${what}`);
  }
  const boxes = [...document.querySelectorAll("#icon, #title, #remedy, #reading, #choices button")]
    .filter((box) => box.checkVisibility() && box.getBoundingClientRect().height > 0);
  boxes.forEach((one, at) => boxes.slice(at + 1).forEach((other) => {
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    const apart = a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
    if (!apart) flaws.push(`one over the other: ${one.id || one.textContent} and ${other.id || other.textContent}`);
  }));
  return flaws;
}"""
_DRAWN = "() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(() => then(true))))"


@dataclass(slots=True)
class Eyes:
    """A page of chromium, with what it complained of and where it asked."""

    page: Page
    frozen: bool = False
    """Whether the time of the page passes only when told to."""
    complaints: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.add(request.url))

    def see(self, stage: StageServer, view: View, done: float | None = None) -> None:
        """Show a view, and wait until it stands on the page."""
        stage.show(view)
        if done is not None:
            stage.progress(done)
        self.page.wait_for_function(
            "([code, title]) => document.body.dataset.code === code && document.getElementById('title').textContent === title",
            arg=[view.code, view.title],
        )
        if done is not None:
            self.page.wait_for_function("() => !document.getElementById('done').classList.contains('none')")
        self.drawn()

    def reflect(self, stage: StageServer) -> None:
        """Send a picture of the mirror until it is there: that somebody looks may have been another page, or this one before."""
        assert until(lambda: stage.wanted() and self._mirrors(stage))

    def _mirrors(self, stage: StageServer) -> bool:
        stage.reflect(drawn_visitor())
        return bool(self.page.locator("body.mirrored").count())

    def at_size(self, size: tuple[int, int]) -> None:
        """Look at a screen of this size."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.drawn()

    def drawn(self) -> None:
        """Wait until all that was asked for is on the screen."""
        if not self.frozen:
            self.page.evaluate(_DRAWN)

    def flaws(self) -> list[str]:
        """Texts that are cut, small, beyond the screen or one over the other, and buttons that are hard to hit."""
        found: list[str] = self.page.evaluate(FLAWS)
        return found

    def barriers(self) -> list[str]:
        """What axe-core finds, contrast of 7 to 1 included."""
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(AXE.axe_script)
        found = self.page.evaluate("(options) => axe.run(options)", _CONTRAST_OF_SEVEN)["violations"]
        return [f"{each['id']}: {node['html']} {node['failureSummary']}" for each in found for node in each["nodes"]]

    def photograph(self) -> bytes:
        return self.page.screenshot(type="jpeg", quality=95)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The chromium of Debian, without a screen."""
    with sync_playwright() as player:
        # In a container there is no sandbox for root; the pages are our own.
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--font-render-hinting=none"])
        yield browser
        browser.close()


@contextmanager
def eyes_on(browser: Browser, panel: Running, path: str = "/", *, frozen: bool = False) -> Iterator[Eyes]:
    """Look at the page, without motion; with `frozen`, its time passes only when told to."""
    width, height = SIZES[0]
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    if frozen:
        page.clock.install(time=0)
    eyes = Eyes(page, frozen)
    page.goto(f"{panel.address}{path}")
    if frozen:
        page.clock.pause_at(60)
    yield eyes
    page.close()


def now_ns() -> int:
    return time.monotonic_ns()
