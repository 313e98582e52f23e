"""The programs as processes, with real keys, a real broker and real footage."""
