{#-
How tables and views are made: in place, in the transaction that dbt opens for each model. That of
dbt-duckdb makes them aside, renames twice and drops once, puts rows to be added into a table of
their own first, and asks twice which columns there are before it comments on them: a third of the
processor time of a run on little data (2026-12).
-#}
{% materialization table, adapter="duckdb" -%}
    {{ return(in_one_transaction("table", made_anew("table"), pre_hooks, post_hooks)) }}
{%- endmaterialization %}

{% materialization view, adapter="duckdb" -%}
    {{ return(in_one_transaction("view", made_anew("view"), pre_hooks, post_hooks)) }}
{%- endmaterialization %}

{#-
A table that stays; its first hook deletes the rows that the query gives anew. Its columns are those
of the query: under other rules no table of an earlier run is there any more (raw.run).
-#}
{% materialization incremental, adapter="duckdb" -%}
    {%- set added -%}
        insert into {{ this }} by name (
            {{ sql }}
        )
    {%- endset -%}
    {%- set made = added if is_incremental() else made_anew("table") -%}
    {{ return(in_one_transaction("table", made, pre_hooks, post_hooks)) }}
{%- endmaterialization %}

{% macro in_one_transaction(kind, statements, pre_hooks, post_hooks) -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement("main") -%}
        {{ statements }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({"relations": [this.incorporate(type=kind)]}) }}
{%- endmacro %}

{% macro made_anew(kind) -%}
    {%- set existing, target = load_cached_relation(this), this.incorporate(type=kind) -%}
    {%- if existing %}
        drop {{ existing.type }} {{ existing }};
    {%- endif %}
    {{ create_view_as(target, sql) if kind == "view" else create_table_as(False, target, sql) }}
    {%- if model.description %}
        comment on {{ kind }} {{ target }} is {{ duckdb_escape_comment(model.description) }};
    {%- endif %}
    {#- An error where a described column is not there. #}
    {%- for column in model.columns.values() if column.description %}
        comment on column {{ target }}.{{ adapter.quote(column.name) }}
        is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
{%- endmacro %}
