"""The services. They import what services tell each other (`contracts`, `catalogue`) and `shared`, never each other.

`registry` has what a process of each needs.
"""

PERMITS = ("type_approval", "licensing", "c_mark")
"""The services that grant permits."""
SERVICES = (*PERMITS, "notifications")
