"""The numbers of this process are reckoned on the thread that asks for them: each program of the unit imports this first.

The linear algebra under numpy (OpenBLAS) else keeps a thread for each further core, which after every product waits by turning
round and round: half of the CPU time of a visit on two cores, and nothing won with matrices as small as ours. It reads the
variable once, as numpy is loaded; who sets it beforehand is obeyed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
