"""The proofs: what Plumbline promises of its features and models, shown on many records, each with a fault it must see.

Run small by the ordinary tests (`test_proofs.py`), at full size by `make proofs`.
"""
