"""The demonstration: one unit and one centre on this machine, every part a real program with its own keys.

It knows only what crosses the network; everything else it learns from the programs' own `--json` answers.

errors     what can go wrong
answers    reads the JSON documents of our programs
programs   starts our programs and ends them
stills     takes a reference photo from a recording
centre     asks the centre's console
cameras    what the camera sees
stack      a private centre with its broker, in one folder
unit       one enrolled unit with its uplink, and the visits that it serves
visits     the plan: who comes, and how it must end
proof      waits for the ledger and checks every row
words      terminal text: widths, colours, the LED's dot
show       tells live what happens, and the table at the end
story      from the empty folder to the proven rows
cli        the command
"""
