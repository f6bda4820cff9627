"""One workbook checked before it is sent, as a run would."""
