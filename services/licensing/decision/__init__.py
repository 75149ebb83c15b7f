"""审批决定 The decision on a licence or its renewal."""
