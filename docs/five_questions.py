"""Five questions to the published file, with charts: a marimo notebook that is also a script.

    python docs/five_questions.py                                   answers in the terminal
    python docs/five_questions.py -- --database other/nq57.duckdb   another file
    marimo edit docs/five_questions.py                              in the browser

The file is opened for reading: `published/nq57.duckdb` in the folder that NQ57_DATA names.
"""

import marimo

app = marimo.App(width="medium", app_title="NQ57 Monitor: năm câu hỏi")


@app.cell
def _():
    import os
    from pathlib import Path

    import altair as alt
    import duckdb
    import marimo as mo

    folder = Path(os.environ.get("NQ57_DATA", "data"))
    database = mo.cli_args().get("database") or folder / "published" / "nq57.duckdb"
    connection = duckdb.connect(str(database), read_only=True)
    release = connection.sql("from history.releases where is_this_file").fetchone()
    release = dict(zip(connection.table("history.releases").columns, release, strict=True))
    day = release["as_of_date"]
    notice = "DỮ LIỆU GIẢ ĐỊNH · INVENTED DATA. " if release["is_invented"] else ""
    INK, MIDDLE, PALE, ACCENT = "#1f2933", "#7b8794", "#d9dee4", "#b3261e"

    def ask(query):
        """The answer to a question as a table for charts; `$day` is the day of the release."""
        values = {"day": day} if "$day" in query else {}
        return connection.execute(query, values).to_arrow_table()

    def answer(text, chart, table):
        """What is shown for a question; run as a script, the answer in words is printed."""
        if mo.app_meta().mode == "script":
            print(f"{notice}{text}\n")
        rows = mo.accordion({"Bảng · Table": table})
        return mo.vstack([mo.md(f"{notice}**{text}**"), chart, rows])

    mo.md(f"# Năm câu hỏi · Five questions\n\n{notice}{release['release_id']}, {day:%d/%m/%Y}")
    return ACCENT, INK, MIDDLE, PALE, alt, answer, ask, day, mo


@app.cell
def _(ACCENT, INK, MIDDLE, PALE, alt, answer, ask, day):
    tasks_by_day = ask("""
        select facts.as_of_date, facts.status_group, labels.label_vi, count(*) as tasks,
            list_position(['completed', 'overdue', 'in_progress', 'unknown'], facts.status_group)
                as layer
        from marts.fct_tasks as facts
        inner join marts.dim_labels as labels
            on labels.list = 'status_group' and labels.code = facts.status_group
        group by all order by all
    """)
    status_chart = (
        alt.Chart(tasks_by_day, title="Nhiệm vụ theo trạng thái · Tasks by status")
        .mark_area(interpolate="step-after")
        .encode(
            x=alt.X("as_of_date:T", title=None),
            y=alt.Y("tasks:Q", title="Nhiệm vụ · Tasks"),
            order="layer:Q",
            color=alt.Color("label_vi:N", title=None, legend=alt.Legend(labelLimit=260)).scale(
                domain=[
                    "Đã hoàn thành",
                    "Chưa hoàn thành, quá hạn",
                    "Chưa hoàn thành, chưa quá hạn",
                    "Chưa rõ",
                ],
                range=[INK, ACCENT, PALE, MIDDLE],
            ),
            tooltip=["as_of_date:T", "label_vi:N", "tasks:Q"],
        )
        .properties(width=640, height=280)
    )
    counts = {
        row["status_group"]: row["tasks"]
        for row in tasks_by_day.to_pylist()
        if row["as_of_date"] == day
    }
    answer(
        f"1. Where do the tasks stand? On {day:%d/%m/%Y} {counts.get('completed', 0)} of "
        f"{sum(counts.values())} are completed, {counts.get('overdue', 0)} are overdue.",
        status_chart,
        tasks_by_day,
    )
    return (status_chart,)


@app.cell
def _(ACCENT, alt, answer, ask, day):
    late = ask("""
        select words.agency_code, agencies.name_vi, count(*) as overdue,
            max(words.as_of_date - facts.deadline) as longest
        from marts.fct_task_agencies as words
        inner join marts.fct_tasks as facts using (as_of_date, task_code)
        inner join marts.agencies_on($day) as agencies using (agency_code)
        where words.as_of_date = $day and words.role = 'lead' and words.status_group = 'overdue'
        group by all order by overdue desc, longest desc limit 20
    """)
    late_chart = (
        alt.Chart(late, title="Quá hạn theo cơ quan chủ trì · Overdue, by lead agency")
        .mark_bar(color=ACCENT)
        .encode(
            x=alt.X("overdue:Q", title="Nhiệm vụ · Tasks", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("name_vi:N", title=None, sort="-x", axis=alt.Axis(labelLimit=260)),
            tooltip=["agency_code:N", "overdue:Q", "longest:Q"],
        )
        .properties(width=420)
    )
    first = late.to_pylist()[:1]
    answer(
        f"2. Who is late? On {day:%d/%m/%Y} "
        + (
            f"{first[0]['name_vi']} most of all: {first[0]['overdue']} tasks that it leads are "
            f"overdue, the longest by {first[0]['longest']} days."
            if first
            else "nobody is."
        ),
        late_chart,
        late,
    )
    return (late_chart,)


@app.cell
def _(ACCENT, INK, MIDDLE, alt, answer, ask, day):
    months = ask("""
        select months.period_end, groups.label, shares.online_share
        from (select distinct period_end from marts.fct_services where is_counted) as months
        cross join (
            values ('all', 'Cả nước'), ('central', 'Bộ, ngành'), ('provinces', 'Địa phương')
        ) as groups (agency_code, label)
        cross join lateral marts.online_share(
            groups.agency_code, months.period_end, months.period_end
        ) as shares
        where shares.online_share is not null order by all
    """)
    outlook = ask("""
        select agency_code, case agency_code when 'all' then 'Cả nước'
            when 'central' then 'Bộ, ngành' else 'Địa phương' end as label,
            year_end, share_to_date, target_share, needed_share, is_reachable,
            projected_share, projected_low, projected_high, backtest_covered, backtest_count
        from marts.fct_service_outlook
        where as_of_date = $day and agency_code in ('all', 'central', 'provinces')
    """)
    colour = alt.Color("label:N", title=None).scale(
        domain=["Cả nước", "Bộ, ngành", "Địa phương"], range=[INK, MIDDLE, ACCENT]
    )
    percent = alt.Axis(format="%")
    online_chart = alt.layer(
        alt.Chart(months)
        .mark_line(point=True)
        .encode(
            x=alt.X("period_end:T", title=None),
            y=alt.Y("online_share:Q", title="Toàn trình · Fully online", axis=percent),
            color=colour,
        ),
        alt.Chart(outlook)
        .mark_rule(strokeWidth=5, opacity=0.4)
        .encode(x="year_end:T", y="projected_low:Q", y2="projected_high:Q", color=colour),
        alt.Chart(outlook)
        .mark_point(size=60, shape="diamond")
        .encode(x="year_end:T", y="projected_share:Q", color=colour),
        alt.Chart(outlook).mark_rule(strokeDash=[4, 4]).encode(y="target_share:Q"),
    ).properties(
        width=640,
        height=280,
        title="Hồ sơ trực tuyến toàn trình theo tháng, cả năm dự báo · By month; ◆ year, projected",
    )
    sentences = [
        f"{row['agency_code']} {row['share_to_date']:.2%} so far, "
        + (
            f"{row['projected_share']:.1%} ({row['projected_low']:.1%} to "
            f"{row['projected_high']:.1%}) projected for the year"
            if row["projected_share"] is not None
            else "no projection before six months"
        )
        for row in outlook.to_pylist()
        if row["share_to_date"] is not None
    ]
    answer(
        f"3. Will 80 % of dossiers be handled fully online? On {day:%d/%m/%Y}: "
        + ("; ".join(sentences) or "no services are reported")
        + ".",
        online_chart,
        outlook,
    )
    return (online_chart,)


@app.cell
def _(ACCENT, INK, alt, answer, ask, day):
    datasets = ask("""
        select facts.dataset_code, names.dataset_name, facts.agency_code, facts.coverage_share,
            facts.age_days, facts.cycle_due_days, facts.is_within_cycle, facts.records_held
        from marts.fct_datasets as facts
        inner join marts.dim_datasets as names using (dataset_code)
        where $day between facts.valid_from and coalesce(facts.valid_to, 'infinity')
            and facts.is_counted
        order by all
    """)
    dataset_chart = (
        alt.Chart(datasets, title="Độ phủ và tuổi của CSDL · Coverage and age of databases")
        .mark_circle(size=70, opacity=0.6)
        .encode(
            x=alt.X("age_days:Q", title="Ngày từ lần cập nhật · Days since the last update"),
            y=alt.Y("coverage_share:Q", title="Độ phủ · Coverage", axis=alt.Axis(format="%")),
            color=alt.Color("is_within_cycle:N", title="Đúng chu kỳ · Within its cycle").scale(
                domain=[True, False], range=[INK, ACCENT]
            ),
            tooltip=["dataset_code:N", "dataset_name:N", "agency_code:N", "cycle_due_days:Q"],
        )
        .properties(width=560, height=320)
    )
    rows = datasets.to_pylist()
    covered = sum((row["coverage_share"] or 0) >= 1 for row in rows)
    living = sum(bool(row["is_within_cycle"]) for row in rows)
    answer(
        f"4. Are the databases full and fresh? Of {len(rows)} reports that stand on "
        f"{day:%d/%m/%Y}, {covered} hold every record due, {living} were updated within their "
        "cycle.",
        dataset_chart,
        datasets,
    )
    return (dataset_chart,)


@app.cell
def _(INK, PALE, alt, answer, ask, day):
    communes = ask("""
        select agencies.name_vi, coverage.communes_registered, coverage.communes_reported,
            coverage.communes_meeting_all, coverage.coverage_share, coverage.met_share
        from marts.commune_coverage as coverage
        inner join marts.agencies_on($day) as agencies using (agency_code)
        where $day between coverage.valid_from and coalesce(coverage.valid_to, 'infinity')
        order by coverage.met_share desc nulls last, agencies.name_vi
    """)
    order = communes["name_vi"].to_pylist()
    province = alt.Y("name_vi:N", title=None, sort=order)
    commune_chart = alt.layer(
        alt.Chart(communes)
        .mark_bar(color=PALE)
        .encode(y=province, x=alt.X("coverage_share:Q", axis=alt.Axis(format="%"))),
        alt.Chart(communes)
        .mark_tick(color=INK, thickness=3)
        .encode(y=province, x=alt.X("met_share:Q", title="▮ Đã báo cáo · reported   | Đạt · met")),
    ).properties(width=480, title="Tiêu chí cấp xã theo tỉnh · Commune criteria by province")
    known = communes.to_pylist()
    answer(
        f"5. How far are the communes? On {day:%d/%m/%Y} "
        f"{sum(row['communes_reported'] for row in known)} of "
        f"{sum(row['communes_registered'] for row in known)} communes in {len(known)} provinces "
        f"are reported on, {sum(row['communes_meeting_all'] for row in known)} meet every "
        "criterion.",
        commune_chart,
        communes,
    )
    return (commune_chart,)


if __name__ == "__main__":
    app.run()
