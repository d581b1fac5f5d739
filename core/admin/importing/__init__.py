"""The pages of an import: the file, its columns, the preview."""
