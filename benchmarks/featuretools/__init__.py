"""Featuretools with cutoff times, in an environment of its own."""
