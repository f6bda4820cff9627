"""What people see: the page and Dagster's UI in a browser, without a network.

Screenshots stay in the folder that NQ57_SCREENS names, for whoever wants to look.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT

pytestmark = pytest.mark.system
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
SCREENS = {
    "graph": ("asset-groups/", ["fct_tasks", "rule_outcomes", "releases"]),
    "partitions": ("assets/marts/fct_tasks?view=partitions", ["2025-10-28"]),
    "checks": ("assets/quality/rule_results?view=checks", ["TSK_COR_001"]),
    "runs": ("runs", ["report", "intake"]),
}


def browse(url: str, *arguments: str) -> str:
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    waits = ["--virtual-time-budget=25000", "--window-size=1680,1050"]
    command = [CHROMIUM, *options, *waits, *arguments, url]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=180).stdout


@pytest.fixture(scope="module")
def screens(tmp_path_factory) -> Path:
    folder = Path(os.environ.get("NQ57_SCREENS", tmp_path_factory.mktemp("screens"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def dagster_ui(small_world):
    """The web server on the records of a run, without a daemon."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = small_world.settings.dagster_home
    server = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("dagster-webserver")),
            *("-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)),
        ],
        cwd=PROJECT_ROOT,
        env={
            **os.environ,
            "DAGSTER_HOME": str(home),
            "NQ57_DATA": str(small_world.settings.data_root),
            "PYTHONPATH": str(PROJECT_ROOT),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/server_info", server)
        yield url
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, "the web server ended by itself"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
    raise AssertionError(f"{url} did not answer in two minutes")


@pytest.mark.parametrize("name", SCREENS)
def test_dagster_shows(name, dagster_ui, screens):
    path, words = SCREENS[name]
    browse(f"{dagster_ui}/{path}", f"--screenshot={screens / name}.png")
    shown = browse(f"{dagster_ui}/{path}", "--dump-dom")
    for word in words:
        assert word in shown, f"{word} is not on {path}"


@pytest.mark.parametrize("width", [1280, 420])
def test_the_page_opens_without_a_network(width, small_world, screens):
    page = (small_world.settings.published / "index.html").resolve().as_uri()
    offline = "--host-resolver-rules=MAP * ~NOTFOUND"
    target = f"--screenshot={screens / f'page-{width}'}.png"
    browse(page, offline, f"--window-size={width},2400", target)
    shown = browse(page, offline, "--dump-dom")
    assert "INVENTED DATA" in shown
    assert "ERR_" not in shown
