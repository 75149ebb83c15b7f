"""申请受理 From the application to its acceptance."""
