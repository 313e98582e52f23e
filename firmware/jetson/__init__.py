"""The camera connector of a Jetson."""
