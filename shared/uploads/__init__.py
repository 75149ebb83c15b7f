"""Documents that applicants send: kept by their SHA-256, never overwritten, named in the journal of the case."""
