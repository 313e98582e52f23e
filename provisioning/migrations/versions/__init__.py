"""The steps, in order. Their names begin with a number so that a listing shows the order too."""
