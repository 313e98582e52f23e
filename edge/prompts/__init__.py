"""What the unit says to people: one catalogue per language, Chinese first.

catalogue   reads a catalogue and makes sure that nothing is missing
spoken      what the voice says of it, and all that it can ever say
zh-CN.toml  en.toml  the words
"""
