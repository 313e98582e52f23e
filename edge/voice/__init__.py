"""The sentences of the unit become sound, once, where a package is built. Nothing of this runs on a unit.

pinyin    Chinese as a voice reads it: the door of pypinyin, and what it reads wrong
errors    what can go wrong
render    every sentence through espeak-ng into a folder that the unit plays from
"""
