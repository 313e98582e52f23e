"""The table of an attempt, and who speaks its events.

states        which state hears which event, and what is done; drawing makes docs/session.md of it
gather        numbers become events
challenge     what the visit's nonce asks for: light_code, actions; even_choices draws evenly
actions       whether a visitor did what was asked
sequential    when a texture has said enough
weigh         what each cue says
"""
