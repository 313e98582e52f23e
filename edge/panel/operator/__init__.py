"""The page behind the PIN: how the unit is, and what an operator may ask of it. It shows no face and no name.

pin        the PIN as its hash, and what a PIN may be; the panel's door to argon2
tries      how long to wait after wrong PINs
sessions   who has given the PIN, and until when
table      the condition as rows for people
router     what a browser may ask
"""
