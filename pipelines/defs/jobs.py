"""When assets are made, and what happens when that fails.

What belongs here: jobs, the schedule, the failure hook. What does not: what a run does.
"""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines import durable
from pipelines.defs.resources import TIME_ZONE
from pipelines.settings import Settings


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
    tick = context.scheduled_execution_time.astimezone(ZoneInfo(TIME_ZONE))
    ended = (tick - timedelta(days=1)).date().isoformat()
    return dg.RunRequest(run_key=ended, partition_key=ended)
