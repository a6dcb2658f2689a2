"""Workbooks for people: where an answer comes from, its figures, a sheet for each table, ready to print."""

from drainage.workbooks.write import write_workbook

__all__ = ["write_workbook"]
