"""The unit: frames in, signed results out.

flow         the types, in the order they flow
pipeline     one frame: detect, track, grade, probe
stages/      each step of the pipeline
schedule     which steps may look at a frame
heat         how hot the board is: then they look less often
session/     the course of an attempt as a table, and who counts and measures for it
guide        which single instruction to show
decision     how an attempt ends
rules        limits, times and thresholds
attempt      the loop in which seeing, thinking and doing meet
perform      commands become light, screen and voice
conclude     a decision becomes a signed result in the spool
engine       opens the networks and builds pipeline and matcher
reference    the photos to compare with          likeness  each class of them, by its own threshold
policy       which threshold a ticket asks for, and whether it fits this matcher
capture      a reference, taken while an official watches
cohort       references of a programme, sealed for its centre
prompts/     what is said to people              voice/     the same as sound, rendered where a package is built
consent      asks before a frame is looked at    mirror    shows visitors themselves
reception    languages, hands and words for a visitor: sheet, tries, off_peak, next_steps
showing/     what the visitor sees, on its way over a socket to panel/, the program behind the page
health/      how the unit is, what it shows then, and how it gets well
identity  keystore  clock  spool  enrol  uplink/      keys, time, delivery
evaluate/    error rates on footage and pictures that others made
commands/    the command line; cli assembles it
service      `lifecert-edge`: visits on this unit; post, front, beside, rounds, duty, spare_memory: between visits
pulse        signs of life; service_manager says them to systemd
install/     makes a board into a unit, before there is an environment
operator     what an operator orders there       checks  what is found out       volume  how loud it speaks
config  log  errors
"""
