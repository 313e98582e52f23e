"""How good the unit is, measured on pictures and footage of real people. It measures the very stages that serve visitors.

tables         a list of files, read strictly          pairs, people   who is to be compared, and who is who
portrait       one face of a still                     statistics      error rates and thresholds
verification   same person or not                      pad             living, printed or shown on a screen
plots          the pictures of both

population          everybody against everybody else, band by band: the figures stand in population_report
population_list     who is listed, and what is known of them   population_pictures  what is taken from each picture
same_picture        the same picture known again by its pixels one_person           pairs that somebody has looked at
joining             what belongs together                      quality_bands        misses by the quality of the picture
shots, references   what several frames and several references are worth
fusion, fusion_material, logistic                              what several networks gain together
acceptance, acceptance_proof, acceptance_gates, acceptance_card      whether a matcher may be used, and its page
plots_population, population_page, population_words            how the figures are drawn and told
page                                                           pages for people

simulated/          attacks drawn by physics: plan, performance, rates; the fit of the relief; plots_simulated
recorded/           presentations made before a real unit: kept, played again, counted; recorded_page, plots_recorded
quantization/       INT8 networks: what they are made with, and the gates that they must pass
split, taken        two halves that never meet; what a presentation is taken for
"""
