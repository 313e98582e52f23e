"""The camera connector of a Raspberry Pi.

camera.py           a camera, read through picamera2
exposure.py         when a frame was exposed, as its metadata tells, and how its exposure is held
"""
