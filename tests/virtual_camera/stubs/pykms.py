"""picamera2 imports this for its preview on a screen, which a unit never opens; Debian has no package of it."""


class _Names:
    def __getattr__(self, name: str) -> str:
        return name


PixelFormat = _Names()
PlaneType = _Names()
