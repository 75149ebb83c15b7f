"""型式批准 The type approvals that licences stand on."""
