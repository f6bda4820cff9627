"""Names of columns as spreadsheet programs write them.

What belongs here: from letters to numbers and back. What does not: sheets.
"""


def column_number(letters: str) -> int:
    """The number of a column by its name; `A` is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letter(place: int) -> str:
    """The name that spreadsheet programs give a column (0 is `A`)."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
