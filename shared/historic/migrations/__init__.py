"""The tables of issued documents, by version."""
