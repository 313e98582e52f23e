"""`lifecert-uplink`: the program with a network. It carries results out and receipts and tickets in, and sees no faces.

service   the program: lock, loop, signals
courier   what to send when, and what to believe of what arrives
mqtt      the connection to the broker, the unit's door to paho
"""
