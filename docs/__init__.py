"""Documentation that follows from the code."""
