"""Our camera of a Raspberry Pi on the real picamera2 and libcamera; `scripts/virtual-camera` runs this, outside the usual tests.

heap.c              stands in for the kernel's allocator of camera memory, and for nothing else
stubs/              what picamera2 imports and does not need here, and how it opens a virtual camera
virtual.yaml        the two cameras
pictures.py         what the first of them sees
on_libcamera.py     the tests
"""
