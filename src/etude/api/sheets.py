"""`collection sheet` and `take sheet`: a collection or many takes on one picture or page."""

from etude.workspace.sheets import Sheet, made_sheet, sheet, take_sheet

__all__ = ["Sheet", "made_sheet", "sheet", "take_sheet"]
