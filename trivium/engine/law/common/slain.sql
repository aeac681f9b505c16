{#- slain: the statements that an assertion ends: it covers their key, does not rank below them, and neither the
    record (or delivery) that asserts nor a row rejected from it mentions the key. #}
SELECT DISTINCT {{ keys | cols('p') }}, p._load, p._place, p._at, p._seq
FROM (
{%- for parts in assertions %}
    SELECT {{ keys | cols('x') }}, x._load, x._place, x._at, x._seq, a.reading_no, a._load AS a_load, a._place AS a_place
    FROM stated AS x
    JOIN assertion AS a ON a._parts = {{ parts | join(',') | text }}{% for k in parts %} AND a.{{ k | q }} = x.{{ k | q }}{% endfor %}
    WHERE CASE WHEN a._place IS NULL THEN a.reading_no <> x.reading_no
               ELSE a._load <> x._load OR a._place <> x._place END
      AND ({{ stamp('a', life) }} > {{ stamp('x', life) }}
           OR ({{ stamp('a', life) }} = {{ stamp('x', life) }} AND a._seq >= x._seq))
{%- if not loop.last %}
    UNION ALL
{%- endif %}
{%- endfor %}
) AS p
WHERE NOT EXISTS (
    SELECT 1 FROM mentioned AS m
    WHERE {{ keys | same('m', 'p') }} AND p.a_place IS NULL AND m.reading_no = p.reading_no
) AND NOT EXISTS (
    SELECT 1 FROM said AS m
    WHERE {{ keys | same('m', 'p') }} AND p.a_place IS NOT NULL AND m._load = p.a_load AND m._place = p.a_place
)
