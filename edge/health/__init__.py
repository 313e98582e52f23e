"""How the unit is, between visits and over many of them.

faults      every fault with its state, its words, its light and what ends it: the table
health      facts in, health out: the pure judgement
strikes     a part that fails again and again
storage     how full the disk is, and from where on that matters
purge       what may be deleted to make room
gather      asks the parts and the disk for the facts
watch       looks, tries again, shows and reports, between visits
emitter_memory   what ordinary visits tell of the lamps
capability  whether this computer is fit for service at all
report      the facts for panel and centre
notes       what is written down for the uplink
contact_note     when the uplink heard the centre last
announce    light and screen between visits
trial       camera and lamps, tried as a visit would use them
diagnosis   what is found about one part         examine  all of them: what `lifecert doctor` says
tally       what became of the visits since the start
assemble    puts the watch of a serving unit together
page        docs/health.md
"""
