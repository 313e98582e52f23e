"""A USB (V4L2) camera on a Linux computer.

camera.py       opens it through OpenCV and judges its health by frames and their age
"""
