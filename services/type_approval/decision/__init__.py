"""审批决定 From the report to the decision."""
