"""Attack detection on simulated scenes, where no footage exists: every number from here is labelled so.

faces       photos of real people, as the scenes wear them
plan        which presentations there are
forgeries   streams that answer another code, too late, or not at all
perform     one presentation before the product's own attempt
pool        many of them, side by side
report      counts, rates, and each cue switched off in turn
fit         the weights of the relief, found on the first half
"""
