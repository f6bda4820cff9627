"""What people see: the page and Dagster's UI in a browser, without a network.

Screenshots stay in the folder that NQ57_SCREENS names, for whoever wants to look.
"""

import json
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
    "graph": "asset-groups/",
    "partitions": "assets/marts/fct_tasks?view=partitions",
    "checks": "assets/quality/rule_results?view=checks",
    "runs": "runs",
}
BLANK = 50_000
"""Bytes that a screenshot of an empty frame stays below; the smallest screen has 73,000."""
PARTITIONS = """{ assetNodeOrError(assetKey: {path: ["marts", "fct_tasks"]}) { ... on AssetNode {
    partitionStats { numMaterialized numFailed } owners { ... on TeamAssetOwner { team } } } } }"""


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
def test_dagster_draws(name, dagster_ui, screens):
    screen = screens / f"{name}.png"
    browse(f"{dagster_ui}/{SCREENS[name]}", f"--screenshot={screen}")
    assert screen.stat().st_size > BLANK


def test_dagster_knows_the_days_of_a_run_from_the_terminal(dagster_ui):
    question = json.dumps({"query": PARTITIONS}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{dagster_ui}/graphql", question, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        node = json.load(answer)["data"]["assetNodeOrError"]
    assert node["partitionStats"] == {"numMaterialized": 101, "numFailed": 0}
    assert node["owners"] == [{"team": "nq57"}]


@pytest.mark.parametrize("width", [1280, 420])
def test_the_page_opens_without_a_network(width, small_world, screens):
    page = (small_world.settings.published / "index.html").resolve().as_uri()
    offline = "--host-resolver-rules=MAP * ~NOTFOUND"
    target = f"--screenshot={screens / f'page-{width}'}.png"
    browse(page, offline, f"--window-size={width},9000", target)
    shown = browse(page, offline, "--dump-dom")
    assert "INVENTED DATA" in shown
    assert "ERR_" not in shown
    assert "TẠM THỜI · PROVISIONAL" in shown
    assert shown.count("<h2 ") == 13
