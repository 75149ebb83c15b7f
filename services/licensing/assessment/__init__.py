"""现场考核 From the plan of the on-site assessment to its report."""
