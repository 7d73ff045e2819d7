"""The rows of the catalogue by what they speak of; `features/catalog.py` puts them together."""
