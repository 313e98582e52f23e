"""Error rates and thresholds, computed once for the workbench and for the centre. Numbers in, numbers out: no picture, no file.

rates       a share with its exact interval; the door to scipy
crowd       embeddings of many persons, and which comparisons a stratum counts
bands       the strata of a population: age bands, sexes and groups, within and across
presence    who takes part in a stratum, and how many comparisons weighted persons make
census      all against all: how many comparisons of two persons reach which score
genuine     the comparisons of one person with himself, counted in the same way
by_person   the interval of a false match rate when the same persons recur in many comparisons
draws       persons drawn anew with replacement
support     whether counts support a claimed false match rate, and the lowest threshold that does
tail        who looks alike most: the pairs and the references that a person should look at
blocks      all pairs of a crowd, a block at a time
errors      what can go wrong here
"""
