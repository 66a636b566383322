"""What the scenarios stand on: real processes, exact bytes, certificates."""
