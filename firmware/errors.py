"""Every error of this room. The first line of each docstring is what an installer may be told."""

from pathlib import Path


class FirmwareError(Exception):
    """A part of the unit did not do what it must."""

    def __init__(self, sentence: str = "") -> None:
        # A file name of other bytes than UTF-8 reaches us as lone surrogates, which no log and no screen can print.
        super().__init__(sentence.encode("utf-8", "backslashreplace").decode("utf-8"))


class CameraNotFoundError(FirmwareError):
    """There is no camera, clip or folder where one was named."""

    def __init__(self, camera: str, hint: str) -> None:
        super().__init__(f"{camera}: {hint}")
        self.camera = camera
        self.hint = hint


class CameraDeniedError(FirmwareError):
    """The camera is there, but this user may not open it."""

    def __init__(self, camera: str, node: str) -> None:
        super().__init__(f"{camera}: no permission to open {node}; add this user to the group 'video' and log in again")
        self.camera = camera
        self.node = node


class CameraBusyError(FirmwareError):
    """The camera is there, but it could not be opened; another program may hold it."""

    def __init__(self, camera: str, node: str) -> None:
        super().__init__(f"{camera}: {node} did not open; another program may hold it (see: fuser {node})")
        self.camera = camera
        self.node = node


class CameraStalledError(FirmwareError):
    """The camera delivered no new picture for too long."""

    def __init__(self, camera: str, seen: str) -> None:
        super().__init__(f"{camera}: {seen}; check the cable and restart the unit")
        self.camera = camera
        self.seen = seen


class CameraFaultError(FirmwareError):
    """The camera gives pictures that nobody can use, or its driver fails again and again."""

    def __init__(self, camera: str, seen: str) -> None:
        super().__init__(f"{camera}: camera fault: {seen}; restart the unit, and if it comes back, replace camera and cable")
        self.camera = camera
        self.seen = seen


class CameraDriverMissingError(FirmwareError):
    """The library that reads this camera is not installed, or was built without what the camera needs."""

    def __init__(self, camera: str, lacking: str, remedy: str) -> None:
        super().__init__(f"{camera}: {lacking}; {remedy}")
        self.camera = camera
        self.lacking = lacking
        self.remedy = remedy


class CameraClosedError(FirmwareError):
    """The camera was closed while a picture was awaited."""


class CameraFormatError(FirmwareError):
    """The camera or the file is there, but what it gives cannot be used as pictures."""

    def __init__(self, camera: str, why: str) -> None:
        super().__init__(f"{camera}: {why}")
        self.camera = camera
        self.why = why


class CameraSpecError(FirmwareError):
    """The camera word is not one that this unit understands."""

    def __init__(self, spec: str) -> None:
        known = (
            "clip:FILE, folder:DIR, usb:N, actor:FILE.toml, scene:FILE.toml, pi, pi:N, jetson, jetson:N, "
            "apart:WORD, ailing:FAULT@N:WORD"
        )
        super().__init__(f"camera {spec!r} is not understood; it must be one of {known}")
        self.spec = spec


class PictureNotFoundError(FirmwareError):
    """There is no picture file at that place."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: there is no such file")
        self.path = path


class PictureUnreadableError(FirmwareError):
    """The file is there, but it holds no whole picture."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class PictureTooLargeError(FirmwareError):
    """The picture is larger than this unit is willing to open."""

    def __init__(self, path: Path, size: str, limit: str) -> None:
        super().__init__(f"{path}: the picture has {size}; the limit is {limit}")
        self.path = path
        self.size = size
        self.limit = limit


class FrameShapeError(FirmwareError):
    """A frame must be made of 8-bit blue, green and red pixels."""

    def __init__(self, shape: tuple[int, ...], dtype: str) -> None:
        super().__init__(f"a frame needs uint8 pixels of shape (height, width, 3), not {dtype} of shape {shape}")
        self.shape = shape
        self.dtype = dtype


class FrameTableInvalidError(FirmwareError):
    """The list of frames of a folder holds a line that cannot be used."""

    def __init__(self, table: Path, line: int, column: str, why: str) -> None:
        super().__init__(f"{table}, line {line}, column {column}: {why}")
        self.table = table
        self.line = line
        self.column = column
        self.why = why


class FootageInvalidError(FirmwareError):
    """The file that describes an actor's footage cannot be used."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class FrameNotKeptError(FirmwareError):
    """A frame that was to be kept could not be written."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file}: {why}; nothing of this recording can be used")
        self.file = file


class SceneInvalidError(FirmwareError):
    """The file that describes a simulated scene cannot be used."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class LightInvalidError(FirmwareError):
    """That word or strength does not describe a light of this unit."""

    def __init__(self, word: str, why: str) -> None:
        super().__init__(f"light {word!r}: {why}")
        self.word = word
        self.why = why


class PartSilentError(FirmwareError):
    """A part of the unit answered nothing, or nothing that makes sense."""

    def __init__(self, part: str, seen: str) -> None:
        super().__init__(f"{part}: {seen}")
        self.part = part
        self.seen = seen


class LampsUnknownError(FirmwareError):
    """That word does not name lamps of a unit."""

    def __init__(self, word: str) -> None:
        super().__init__(f"lamps {word!r}: the word must be emitters out of L, R, V, T, each once and in this order, such as LRV")
        self.word = word


class LampUnmeasuredError(FirmwareError):
    """A near-infrared lamp is fitted whose strength nobody has given, so nobody can say that it is safe for eyes."""

    def __init__(self, emitter: str) -> None:
        key = {"L": "left_mw_sr", "R": "right_mw_sr", "T": "top_mw_sr"}[emitter]
        super().__init__(f"lamp {emitter}: its radiant intensity is not given; set light.{key} from its data sheet")
        self.emitter = emitter


class LampTooStrongError(FirmwareError):
    """The lamps of the unit are too strong for an eye at the nearest distance."""

    def __init__(self, irradiance_w_m2: float, distance_cm: float, limit_w_m2: float) -> None:
        super().__init__(
            f"lamps: {irradiance_w_m2:.0f} W/m2 at {distance_cm:g} cm, at most {limit_w_m2:.0f} are allowed; fit weaker lamps, "
            "dim them by hardware PWM, or see to it that no eye comes so near (light.nearest_cm)"
        )
        self.irradiance_w_m2 = irradiance_w_m2


class LampRestingError(FirmwareError):
    """A lamp has shone as long as it may, and rests."""

    def __init__(self, word: str, rests_ms: int) -> None:
        super().__init__(f"lamps {word}: they have shone as long as they may, and rest for {rests_ms / 1000:.0f} s")
        self.word = word
        self.rests_ms = rests_ms


class LampLostError(FirmwareError):
    """The lamps of the unit do not answer."""

    def __init__(self, why: str) -> None:
        """`why` may be the sentence of another error about the lamps, as their keeper tells it."""
        self.why = why.removeprefix("lamps: ")
        super().__init__(f"lamps: {self.why}")


class PinSpecError(FirmwareError):
    """A line of the unit is named in a way that is not understood."""

    def __init__(self, function: str, line: str, why: str) -> None:
        super().__init__(f"pins.{function} = {line!r}: {why}")
        self.function = function
        self.line = line
        self.why = why


class PinLostError(FirmwareError):
    """A line of the unit cannot be used."""

    def __init__(self, chip: str, what: str, why: str) -> None:
        super().__init__(f"{chip}, {what}: {why}")
        self.chip = chip
        self.why = why


class PinChipError(FirmwareError):
    """The chip that holds the lines of the unit cannot be opened."""

    def __init__(self, chip: str, why: str) -> None:
        super().__init__(f"{chip}: {why}")
        self.chip = chip
        self.why = why


class ScreenFaultError(FirmwareError):
    """The screen cannot be used."""

    def __init__(self, screen: str, why: str) -> None:
        super().__init__(f"screen {screen}: {why}")
        self.screen = screen
        self.why = why


class FontMissingError(FirmwareError):
    """No font with Chinese characters was found."""

    def __init__(self, looked: str) -> None:
        super().__init__(f"no font with Chinese characters: {looked}; install fonts-wqy-microhei, or set screen.font")
        self.looked = looked


class SpeakerFaultError(FirmwareError):
    """The voice of the unit cannot be used."""

    def __init__(self, device: str, why: str) -> None:
        super().__init__(f"speaker {device}: {why}")
        self.device = device
        self.why = why
