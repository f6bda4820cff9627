"""What a file is by its bytes, whatever its name says.

What belongs here: the marks of formats, and how to mend those that are no table. What does not:
opening any of them.
"""

from __future__ import annotations

import re

from pipelines.workbook.limits import Refusal

COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PARQUET = b"PAR1"
_DOCUMENTS = (
    (b"%PDF", "PDF"),
    (b"Rar!", "RAR archive: send the workbook itself"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive: send the workbook itself"),
    (b"\x1f\x8b", "gzip archive: send the workbook itself"),
    (b"\x89PNG", "picture (PNG)"),
    (b"\xff\xd8\xff", "picture (JPEG)"),
    (b"GIF8", "picture (GIF)"),
    (b"BM", "picture (BMP)"),
    (b"II*\x00", "picture (TIFF)"),
    (b"MM\x00*", "picture (TIFF)"),
    (b"{\\rtf", "Word document (.rtf)"),
    # Excel 2 to 4 wrote bare records; so do some old programs of today.
    (b"\x09\x00\x04\x00", "Excel 2 or older: save as .xlsx"),
    (b"\x09\x02\x06\x00", "Excel 3: save as .xlsx"),
    (b"\x09\x04\x06\x00", "Excel 4: save as .xlsx"),
    (b"\x09\x08", "records of Excel without their container: save as .xlsx"),
)
# Entries that only the named kind of zip file has.
_PACKAGES = (
    ("word/document.xml", "Word document (.docx)"),
    ("ppt/presentation.xml", "presentation (.pptx)"),
    ("xl/workbook.bin", "binary workbook (.xlsb): save as .xlsx"),
    ("content.xml", "OpenDocument file that is no spreadsheet"),
    ("Index/Document.iwa", "Numbers workbook: export as .xlsx"),
)
_OLD_DOCUMENTS = (
    ("WordDocument", "Word document (.doc)"),
    ("PowerPoint Document", "presentation (.ppt)"),
)
_TEXT_WITH_TAGS = re.compile(rb"[\xef\xbb\xbf\s]*<")
_SPREADSHEETML = b"urn:schemas-microsoft-com:office:spreadsheet"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|meta|body|table|div|style)\b", re.IGNORECASE)


def refused_head(head: bytes) -> Refusal | None:
    """The refusal of a file that begins like none that holds a table."""
    if head.startswith(b"MIME-Version:"):
        return Refusal("html_table", "web page in one file (.mht)")
    said = next((name for mark, name in _DOCUMENTS if head.startswith(mark)), None)
    if said == "picture (BMP)" and b"\x00" not in head:  # a text may begin with BM
        return None
    if said:
        return Refusal("other_format", said)
    return _tagged(head) if _TEXT_WITH_TAGS.match(_plain(head)) else None


def _plain(head: bytes) -> bytes:
    """The head with the zeros of UTF-16 taken out: tags are ASCII."""
    return head[2:].replace(b"\x00", b"") if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else head


def _tagged(head: bytes) -> Refusal:
    plain = _plain(head)
    if _SPREADSHEETML in plain:
        return Refusal("spreadsheetml", "XML spreadsheet of Excel 2003")
    if _HTML.search(plain):
        return Refusal("html_table", "web page under the name of a workbook")
    return Refusal("other_format", "XML that is no workbook")


def refused_package(names: set[str]) -> Refusal:
    """What a zip file without a workbook is."""
    said = next((said for name, said in _PACKAGES if name in names), None)
    return Refusal("other_format", said or "zip archive: send the workbook itself")


def refused_compound_file(names: set[str]) -> Refusal:
    """What a compound file without a workbook is."""
    if "EncryptedPackage" in names:
        return Refusal("password_protected", "encrypted workbook")
    said = next((said for name, said in _OLD_DOCUMENTS if name in names), None)
    return Refusal("other_format", said or "compound file without a workbook")
