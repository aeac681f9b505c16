{#- touched: the keys that anything committed after one commit and up to another may have changed: those stated in
    any load of a reading that got a load or a resolution, or of a delivery that got another reading, and those that
    their assertions cover. With `loads`, the keys of these loads. #}
{% if loads is none -%}
WITH reading AS (
{% include 'touching.sql' %}
), changed AS MATERIALIZED (
    SELECT load_no FROM {{ s }}._load
    WHERE reading_no IN (SELECT reading_no FROM reading) AND commit_no <= {{ commit }}
)
{% else -%}
WITH changed AS (SELECT unnest({{ loads }}) AS load_no)
{% endif -%}
SELECT {{ keys | cols }} FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
WHERE {% include 'among.sql' %}
{%- for parts in assertions %}
UNION
SELECT {{ keys | cols('m') }} FROM (
    SELECT {{ keys | cols }} FROM {{ s }}.{{ (entity ~ '__master') | q }}
    UNION ALL
    SELECT {{ keys | cols }} FROM {{ s }}.{{ (entity ~ '__history') | q }}
    WHERE _load IN (SELECT load_no FROM {{ s }}._load WHERE commit_no > (
        SELECT coalesce(max(value::bigint), 0) FROM {{ s }}._meta WHERE key = 'consolidated'
    ))
) AS m
SEMI JOIN (
    SELECT * FROM {{ s }}.{{ (entity ~ '__assertion') | q }}
    WHERE _parts = {{ parts | join(',') | text }} AND _load IN (SELECT load_no FROM changed)
) AS a ON {% for k in parts %}a.{{ k | q }} = m.{{ k | q }}{% if not loop.last %} AND {% endif %}{% endfor %}
{%- else %}
GROUP BY ALL
{%- endfor %}
