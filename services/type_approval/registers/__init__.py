"""The registers of evaluation laboratories 型式评价技术机构, their people and their measurement standards.

An entry is never overwritten: each change is a version that holds from a day, with who recorded it, when and why. So
what was true on the day of a test stays readable.
"""
