"""What people are told: the texts of messages, who gets which, and what of an event they say.

Notifications writes messages with it; the services of the permits say with it beforehand what a step would send.
"""
