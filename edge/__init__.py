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
prompts/     what is said to people
identity  keystore  clock  spool  enrol  uplink/      keys, time, delivery
evaluate/    error rates on footage and pictures that others made
commands/    the command line; cli assembles it
service      `lifecert-edge`: visits on this unit; post, front, rounds, duty: between visits
operator     what an operator orders there       checks  what is found out       volume  how loud it speaks
config  log  errors
"""
