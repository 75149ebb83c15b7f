"""Migrations of the copies of mandates, by version."""
