"""What can go wrong at the panel. Each carries the word that a browser is answered with."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from edge.errors import EdgeError


class PanelError(EdgeError):
    """Something at the panel did not work."""

    code: ClassVar[str] = "panel"


class PanelPortTakenError(PanelError):
    """The page cannot be served on its port."""

    code = "port_taken"

    def __init__(self, port: int, why: str) -> None:
        super().__init__(f"127.0.0.1:{port}: {why}; is another lifecert-panel running? Set panel.port to another one")
        self.port = port


class RequestForeignError(PanelError):
    """A request came from a page that is not ours."""

    code = "foreign"

    def __init__(self) -> None:
        super().__init__("this was not sent by the page of this panel: its Origin is missing or another one")


class RequestOversizedError(PanelError):
    """A request is larger than anything that the page sends."""

    code = "too_large"

    def __init__(self, most: int) -> None:
        super().__init__(f"a request has at most {most} bytes")


class RequestUnreadableError(PanelError):
    """A request is not what the page sends."""

    code = "unreadable"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"the request must be JSON like {wanted} and nothing else")


class RequestSlowError(PanelError):
    """A request did not come to its end in time."""

    code = "slow"

    def __init__(self, within_s: float) -> None:
        super().__init__(f"a request must be whole within {within_s:g} seconds")


class ChoiceNotOfferedError(PanelError):
    """A choice was touched that does not stand on the screen."""

    code = "not_offered"

    def __init__(self) -> None:
        super().__init__("this choice does not stand on the screen now")


class TouchedTooOftenError(PanelError):
    """The screen is touched faster than anybody can mean it."""

    code = "too_often"

    def __init__(self) -> None:
        super().__init__("too many touches; wait a second")


class StageGoneError(PanelError):
    """The program that serves visitors is not there."""

    code = "gone"

    def __init__(self) -> None:
        super().__init__("lifecert-edge is not there: nothing can be touched now")


class PinUnfitError(PanelError):
    """A new PIN is too easy to guess, or is no PIN."""

    code = "pin_unfit"

    def __init__(self, why: str) -> None:
        super().__init__(f"this PIN cannot be taken: {why}")
        self.why = why


class PinFileUnusableError(PanelError):
    """The file of the PIN cannot be read or written."""

    code = "pin_file"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}; set the PIN anew with: lifecert panel pin")
        self.path = path


class PinRefusedError(PanelError):
    """The PIN is wrong, or none is set; the answer is the same for both."""

    code = "pin_refused"

    def __init__(self, wait_s: int) -> None:
        super().__init__("the PIN is wrong, or none is set yet; one is set on the unit with: lifecert panel pin")
        self.wait_s = wait_s


class PinWaitError(PanelError):
    """A PIN was tried before the time to wait after a wrong one was over; it was not looked at."""

    code = "pin_wait"

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many wrong PINs; wait {wait_s} seconds")
        self.wait_s = wait_s


class OperatorUnknownError(PanelError):
    """A page behind the PIN was asked for without having given it, or too long after."""

    code = "pin_needed"

    def __init__(self) -> None:
        super().__init__("give the PIN first")


class OrderUnknownError(PanelError):
    """An order is none that the operator's page can give."""

    code = "order_unknown"

    def __init__(self, known: str) -> None:
        super().__init__(f"unknown order; known are {known}")
