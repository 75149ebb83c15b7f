"""制造许可证 The licence and what becomes of it."""
