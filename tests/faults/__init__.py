"""Fault tests: the real services under load while processes, servers, the network and messages fail.

`python -m tests.faults` (make test-faults) runs them. pytest does not collect them: they take minutes.
"""
