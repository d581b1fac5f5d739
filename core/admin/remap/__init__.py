"""The pages of a path remap: the prefixes, the places, the preview."""
