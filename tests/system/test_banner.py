"""The banner of the page in a browser: the script that compares two clocks runs, and no other.

Screenshots stay in the folder that NQ57_SCREENS names, for whoever wants to look.
"""

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from made_warehouse import MIDDLE, make_warehouse

from pipelines import certify, release
from pipelines.report import chart, page
from pipelines.settings import Settings

pytestmark = pytest.mark.system
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
NOW = datetime.now(UTC)
CASES = {
    "fresh": (timedelta(hours=25, minutes=50), False),
    "stale": (timedelta(hours=26, minutes=1), True),
    "ahead": (timedelta(hours=-3), False),  # the reader's clock is behind
}


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> tuple[Settings, release.Release]:
    folder = tmp_path_factory.mktemp("banner")
    settings = Settings(data_root=folder / "data", real_input=folder)
    with pytest.MonkeyPatch.context() as patch:
        for drawn in ("trend", "shares"):
            patch.setattr(chart, drawn, lambda *_: "")
        make_warehouse(settings.warehouse)
        return settings, release.publish(settings, MIDDLE)


@pytest.fixture(scope="module")
def screens(tmp_path_factory) -> Path:
    folder = Path(os.environ.get("NQ57_SCREENS", tmp_path_factory.mktemp("screens"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def browse(path: Path, *arguments: str) -> str:
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    offline = "--host-resolver-rules=MAP * ~NOTFOUND"
    command = [CHROMIUM, *options, offline, *arguments, path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=180).stdout


def shown(path: Path) -> str:
    """The banner as the browser holds it after its script has run."""
    return re.search(r'<section id="state".*?</section>', browse(path, "--dump-dom"), re.S)[0]


def copy(made: release.Release, target: Path, age: timedelta) -> Path:
    shutil.copy(made.page, target)
    page.write_banner(made.database, target, NOW - age)
    return target


@pytest.mark.parametrize("name", CASES)
def test_turns_stale_by_the_readers_clock(name, published, tmp_path, screens):
    age, is_stale = CASES[name]
    made = copy(published[1], tmp_path / "index.html", age)
    banner = shown(made)
    assert ('id="stale" hidden' in banner) is not is_stale
    assert ("provisional stale" in banner) is is_stale
    assert "TẠM THỜI · PROVISIONAL" in banner
    for width in (1280, 420):
        screen = f"--screenshot={screens / f'banner-{name}-{width}'}.png"
        browse(made, f"--window-size={width},620", screen)


def test_a_script_of_another_text_does_not_run(published, tmp_path):
    made = copy(published[1], tmp_path / "index.html", timedelta(hours=1))
    html = made.read_text(encoding="utf-8")
    made.write_text(html.replace("<main>", "<main><script>document.title = 'mine'</script>"))
    assert "<title>mine</title>" not in browse(made, "--dump-dom")
    assert 'id="stale" hidden' in shown(made)


def test_says_who_certified(published, screens):
    settings, made = published
    by = "Văn phòng Ban Chỉ đạo <b>An</b>"
    certify.certify(settings, made.release_id, by, "Phiên họp", NOW)
    banner = shown(made.page)
    assert "ĐÃ CHỨNG NHẬN · CERTIFIED" in banner
    assert "Văn phòng Ban Chỉ đạo &lt;b&gt;An&lt;/b&gt;" in banner
    browse(made.page, "--window-size=420,620", f"--screenshot={screens / 'certified-420'}.png")
