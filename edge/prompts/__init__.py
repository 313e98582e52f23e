"""What the unit says to people: one catalogue per language, Chinese first.

catalogue   reads a catalogue and makes sure that nothing is missing
zh-CN.toml  en.toml  the words
"""
