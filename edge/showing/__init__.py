"""What the visitor sees, on its way from the program that sees faces to the one that shows: a socket, a JSON line a message."""
