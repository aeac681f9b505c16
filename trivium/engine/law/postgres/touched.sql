{#- touched: the keys that anything committed after one commit and up to another may have changed: those stated in
    any load of a delivery that got a reading, a load or a resolution, and those that its assertions cover. With
    `loads`, the keys of these loads. #}
{% if loads is none -%}
WITH delivery AS (
    SELECT source, delivery FROM {{ s }}._reading WHERE commit_no > {{ after }} AND commit_no <= {{ commit }}
    UNION
    SELECT r.source, r.delivery FROM {{ s }}._load AS l JOIN {{ s }}._reading AS r USING (reading_no)
    WHERE l.commit_no > {{ after }} AND l.commit_no <= {{ commit }}
    UNION
    SELECT r.source, r.delivery FROM {{ s }}._resolution AS z
    JOIN {{ s }}._load AS l USING (load_no) JOIN {{ s }}._reading AS r USING (reading_no)
    WHERE z.commit_no > {{ after }} AND z.commit_no <= {{ commit }}
), changed AS MATERIALIZED (
    SELECT l.load_no FROM {{ s }}._load AS l JOIN {{ s }}._reading AS r USING (reading_no)
    JOIN delivery USING (source, delivery)
    WHERE l.commit_no <= {{ commit }}
)
{% else -%}
WITH changed AS (SELECT unnest({{ loads }}) AS load_no)
{% endif -%}
SELECT {{ keys | cols }} FROM {{ s }}.{{ (entity ~ '__history') | q }}
WHERE _load IN (SELECT load_no FROM changed)
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
WHERE EXISTS (
    SELECT 1 FROM {{ s }}.{{ (entity ~ '__assertion') | q }} AS a
    WHERE a._parts = {{ parts | join(',') | text }} AND a._load IN (SELECT load_no FROM changed)
{%- for k in parts %} AND a.{{ k | q }} = m.{{ k | q }}{% endfor %}
)
{%- else %}
GROUP BY {{ keys | cols }}
{%- endfor %}
