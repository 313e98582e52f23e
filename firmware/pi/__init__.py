"""Parts of a Raspberry Pi.

camera.py           a camera on its connector, read through picamera2
exposure.py         when a frame was exposed, as its metadata tells, and how its exposure is held
gpio.py             its lines, through gpiozero and lgpio
screen.py           small screens on its SPI and I2C buses, through luma
"""
