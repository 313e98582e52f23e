"""The append-only book of results.

models     an arrival that was verified, a leaf of the book, a fault that was found in it
interval   pure: when can a result have been signed
standing   pure: what the book makes of a result
store      leaves and rejected messages in the database
arrivals   from the bytes of a message to a verified arrival, or a reason to reject it
book       appends arrivals and signs receipts
check      recomputes every leaf
page       what the page and the console show of a leaf
words      the page's words, Chinese and English
router     the page over HTTP, for this machine only
"""
