"""The Opers of core's tables. One module a domain, as core.models."""
