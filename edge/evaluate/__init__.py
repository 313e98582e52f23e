"""How good the unit is, measured on pictures and footage of real people. It measures the very stages that serve visitors.

tables         a list of files, read strictly          pairs, people   who is to be compared, and who is who
portrait       one face of a still                     statistics      error rates and thresholds
verification   same person or not                      pad             living, printed or shown on a screen
plots          the pictures of both
"""
