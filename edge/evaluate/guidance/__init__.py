"""Is the right cause named? Clean portraits are spoilt, each in one way, and the stages of the unit say what is wrong."""
