"""The schema MoviePilot has, and what is found of it in the attached database."""

from core.schema.columns import column_types, forget_columns
from core.schema.place import place, sqlite_path
from core.schema.recognition import Kind, Recognition, recognise
from core.schema.report import TableReport, inspect, inspect_table

__all__ = [
    "Kind",
    "Recognition",
    "TableReport",
    "column_types",
    "forget_columns",
    "inspect",
    "inspect_table",
    "place",
    "recognise",
    "sqlite_path",
]
