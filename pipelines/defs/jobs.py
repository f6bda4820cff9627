"""When assets are made, and what happens when that fails.

What belongs here: jobs, the schedule, the sensor, the failure hook. What does not: what a run does.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines import durable
from pipelines.defs.resources import TIME_ZONE
from pipelines.intake.channels import arrivals
from pipelines.settings import Settings

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.failure_hook
def tell_who_failed(context: dg.HookContext) -> None:
    """Leave one sentence for whoever comes in the morning: in the log and in a file."""
    cause = f"{context.op_exception}".strip().split("\n")[0]
    step = context.op.name
    sentence = f"Run {context.run_id} of {context.job_name} stopped at {step}: {cause}"
    context.log.error(sentence)
    failure = {
        "failed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "run_id": context.run_id,
        "job": context.job_name,
        "step": step,
        "sentence": sentence,
    }
    with durable.file_aside(Settings.from_environment().data_root / "last_failure.json") as aside:
        aside.write_text(json.dumps(failure, ensure_ascii=False, indent=2), encoding="utf-8")


INTAKE = dg.AssetSelection.assets("raw/tasks").upstream().required_multi_asset_neighbors()

intake = dg.define_asset_job(
    "intake",
    selection=INTAKE,
    description="Pulls, reads and loads what agencies sent; says nothing about it yet.",
    hooks={tell_who_failed},
)
report = dg.define_asset_job(
    "report",
    selection=dg.AssetSelection.all() - INTAKE,
    description="Facts, measures, scores and a release for one day, from what was loaded.",
    hooks={tell_who_failed},
)
daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    description="Everything, for the day chosen: from the agencies' channels to the release.",
    hooks={tell_who_failed},
)


@dg.schedule(job=daily, cron_schedule="0 6 * * *", execution_timezone=TIME_ZONE)
def daily_0600(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """At six in the morning, the day that has just ended."""
    ended = _day_that_ended(context.scheduled_execution_time)
    return dg.RunRequest(run_key=ended, partition_key=ended)


@dg.sensor(job=daily, minimum_interval_seconds=300, default_status=dg.DefaultSensorStatus.STOPPED)
def files_arrived(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Runs everything for the day that ended once a file has arrived; off until switched on.

    Only listings are looked at. A file counts when it did not change between two looks: it may be
    on its way. One that a run could not take is left to the schedule rather than tried for ever.
    """
    if context.instance.get_runs_count(dg.RunsFilter(statuses=UNDER_WAY)):
        return dg.SkipReason("A run is going on; it may be taking the file.")
    before = json.loads(context.cursor or "{}")
    marks = arrivals(Settings.from_environment())
    tried = marks & set(before.get("tried", ()))
    ripe = sorted((marks & set(before.get("waiting", ()))) - tried)
    waiting = sorted(marks - tried - set(ripe))
    cursor = json.dumps({"waiting": waiting, "tried": sorted(tried | set(ripe))})
    if not ripe:
        context.update_cursor(cursor)
        return dg.SkipReason(f"No new file has come to rest; {len(waiting)} on their way.")
    ended = _day_that_ended(datetime.now(UTC))
    run_key = hashlib.sha256("".join(ripe).encode()).hexdigest()[:16]
    return dg.SensorResult([dg.RunRequest(run_key=run_key, partition_key=ended)], cursor=cursor)


def _day_that_ended(now: datetime) -> str:
    return (now.astimezone(ZoneInfo(TIME_ZONE)) - timedelta(days=1)).date().isoformat()
