"""What the console costs on large tables, beside a plain Django admin and raw SQL.

    python -m bench --help

docs/benchmarks.md tells what is measured and how.
"""
