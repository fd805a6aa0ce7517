"""Puts the parts together as the configuration says: here alone meet those that do not know each other."""
