"""The tables of documents that were sent, by version."""
