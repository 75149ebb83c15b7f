"""Load cells 称重传感器: OIML R 60-1/-2/-3:2021."""
