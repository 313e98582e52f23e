"""Parts of a Raspberry Pi.

gpio.py     its lines, through gpiozero and lgpio
screen.py   small screens on its SPI and I2C buses, through luma
"""
