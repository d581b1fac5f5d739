"""The same table in a plain Django admin, to compare with."""
