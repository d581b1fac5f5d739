"""Signing in: who somebody is, and how that is proven."""
