"""May enter every room; nobody enters here. One folder per room, stories and faults beside them."""
