"""The code shared by all services; it imports no service."""
