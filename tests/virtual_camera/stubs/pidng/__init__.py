"""picamera2 imports this to write raw photos, which a unit never does; the library has to be compiled."""
