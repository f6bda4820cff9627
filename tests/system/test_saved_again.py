"""A report that LibreOffice has saved again has the same content, and comes as no new version."""

from datetime import date

import pytest
from test_spreadsheet import saved_again

from pipelines.sample.write import write_sample
from pipelines.settings import Settings
from pipelines.workbook.cells import read_cells
from pipelines.workbook.submission import content_hash

pytestmark = pytest.mark.system


@pytest.mark.parametrize("agency", ["BTC", "P01"])
def test_the_content_hash_is_that_of_the_original(tmp_path, agency):
    settings = Settings(data_root=tmp_path / "data", real_input=tmp_path)
    write_sample(settings, (agency,), [date(2025, 9, 23)])
    (original,) = (settings.inbox / agency).glob("*.xlsx")
    saved = saved_again(original, tmp_path)
    assert saved.read_bytes() != original.read_bytes()
    assert content_hash(read_cells(saved)) == content_hash(read_cells(original))
