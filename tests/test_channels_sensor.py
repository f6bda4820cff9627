"""A file that arrives starts one run; a channel that is down is told where somebody looks."""

import json
from datetime import UTC, datetime

import dagster as dg
import pytest

from pipelines.defs.jobs import files_arrived
from pipelines.defs.resources import DAYS
from pipelines.intake.channels import pull
from pipelines.run import Said, execute
from pipelines.settings import Settings


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("NQ57_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NQ57_WAREHOUSE", "restored afterwards: a run sets it")
    monkeypatch.setattr("pipelines.intake.seen.SETTLED_SECONDS", -1)
    return Settings.from_environment()


class Watch:
    """Looks as the daemon does: with the cursor of the look before."""

    def __init__(self):
        self.instance = dg.DagsterInstance.ephemeral()
        self.cursor = None

    def look(self):
        context = dg.build_sensor_context(self.instance, cursor=self.cursor)
        found = files_arrived(context)
        is_run = isinstance(found, dg.SensorResult)
        self.cursor = found.cursor if is_run else context.cursor
        return found.run_requests if is_run else found.skip_message


def put(settings, name, content=b"workbook"):
    path = settings.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_nothing_starts_by_itself_until_it_is_switched_on():
    assert files_arrived.default_status == dg.DefaultSensorStatus.STOPPED
    assert files_arrived.job_name == "daily"


def test_the_sensor_is_among_the_definitions():
    from pipelines.definitions import defs

    found = defs().get_repository_def()
    assert [sensor.name for sensor in found.sensor_defs if sensor.name == "files_arrived"]


def test_a_file_that_arrived_starts_one_run(settings):
    watch = Watch()
    assert "0 on their way" in watch.look()
    put(settings, "BTC/a.xlsx", b"1")
    assert "1 on their way" in watch.look()
    (request,) = watch.look()
    assert DAYS.has_partition_key(request.partition_key)
    assert request.run_key
    assert isinstance(watch.look(), str)
    pull(settings, datetime.now(UTC))
    assert isinstance(watch.look(), str)
    assert json.loads(watch.cursor) == {"waiting": [], "tried": []}
    put(settings, "BTC/b.xlsx", b"2")
    watch.look()
    (again,) = watch.look()
    assert again.run_key != request.run_key


def test_a_file_on_its_way_is_waited_for(settings):
    watch = Watch()
    for length in range(1, 4):
        put(settings, "BTC/a.xlsx", b"x" * length)
        assert "1 on their way" in watch.look()
    assert len(watch.look()) == 1


def test_one_that_cannot_be_taken_is_not_tried_again(settings):
    watch = Watch()
    put(settings, "BTC/a.xlsx")
    watch.look()
    assert len(watch.look()) == 1
    assert isinstance(watch.look(), str)
    put(settings, "BTC/b.xlsx")
    watch.look()
    assert len(watch.look()) == 1
    assert isinstance(watch.look(), str)


def test_while_a_run_goes_on_nothing_starts(settings):
    watch = Watch()
    put(settings, "BTC/a.xlsx")
    watch.look()
    run = watch.instance.create_run_for_job(_nothing, status=dg.DagsterRunStatus.STARTED)
    assert "going on" in watch.look()
    watch.instance.report_run_failed(run)
    assert len(watch.look()) == 1


@dg.job
def _nothing() -> None:
    pass


def test_a_channel_that_is_down_is_told_at_the_terminal(settings, tmp_path):
    settings.data_root.mkdir()
    settings.channels.write_text(f"- {{agency_code: BTC, url: {tmp_path}/absent}}\n")
    said = []
    outcome = execute(settings, "intake", lambda step, what: said.append((step, what)))
    assert outcome.failure is None
    warnings = [what for step, what in said if isinstance(what, Said) and what.is_warning]
    assert len(warnings) == 1
    assert "BTC: không có thư mục · no folder" in warnings[0].text
