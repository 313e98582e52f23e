"""The installer, on machines that are made up."""
