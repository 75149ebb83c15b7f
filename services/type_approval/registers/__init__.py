"""The registers of evaluation laboratories 型式评价技术机构, their people and their measurement standards."""
