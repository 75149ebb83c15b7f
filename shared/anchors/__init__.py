"""The journal of a service, anchored: a log of all entries and documents whose signed, published root shows any change.

A case's journal is a chain of hashes, which its own last link vouches for. That does not show a tail that was cut off,
a case that is gone, or a chain that the owner of the database computed again. A published checkpoint does.
"""
