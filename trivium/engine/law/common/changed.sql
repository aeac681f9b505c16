{#- changed: the first keys that were touched after one commit and up to `until`, in the order of the commit that touched
    them and of the key; `_later`: another has touched it since, up to `commit` (asked where `several` did at all). `_rows` is how many rows were looked at:
    where there are as many as `most`, there may be more behind. With `behind` of the first commit those keys only for
    which it holds.
    An assertion touches the keys that the master or its tail has (`known`). Of another, or of one of which nothing
    counts any more (`past`), which no master has once it is folded, it must not be said that it is told of later. #}
WITH {% include 'changing.sql' %}, scope_of AS (
    SELECT a._parts, {{ keys | cols('a') }}, c.commit_no
    FROM {{ s }}.{{ (entity ~ '__assertion') | q }} AS a JOIN changed AS c ON c.load_no = a._load
){% if assertions %}, known AS NOT MATERIALIZED (
    SELECT {{ keys | cols }} FROM {{ s }}.{{ (entity ~ '__master') | q }}
    UNION ALL
    SELECT {{ keys | cols }} FROM {{ s }}.{{ (entity ~ '__history') | q }}
    WHERE _load IN (SELECT load_no FROM {{ s }}._load WHERE commit_no > (
        SELECT coalesce(max(value::bigint), 0) FROM {{ s }}._meta WHERE key = 'consolidated'
    ))
){% endif %}, touched AS (
    SELECT {{ keys | cols('h') }}, c.commit_no
    FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h JOIN changed AS c ON c.load_no = h._load
    WHERE c.commit_no <= {{ until }} AND {% include 'among.sql' %}
{%- for parts in assertions %}
    UNION ALL
    SELECT {{ keys | cols('m') }}, a.commit_no
    FROM known AS m
    JOIN (
        SELECT DISTINCT {{ parts | cols }}, commit_no FROM scope_of
        WHERE _parts = {{ parts | join(',') | text }} AND commit_no <= {{ until }}
    ) AS a ON {{ parts | same('a', 'm') }}
{%- endfor %}
), page AS MATERIALIZED (
    SELECT {{ keys | cols }}, commit_no FROM touched
{%- if behind %}
    WHERE commit_no > {{ after + 1 }} OR {{ behind }}
{%- endif %}
    ORDER BY commit_no, {{ keys | cols }} LIMIT {{ most }}
), told AS MATERIALIZED (
    SELECT {{ keys | cols }}, max(commit_no) AS commit_no FROM page GROUP BY {{ keys | cols }}
){% if several and assertions %}, live AS MATERIALIZED (
{% include 'live.sql' %}
), past AS MATERIALIZED (
    SELECT {{ keys | cols('m') }}
    FROM (
        SELECT DISTINCT {{ keys | cols('h') }}
        FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
        JOIN (SELECT load_no FROM changed EXCEPT SELECT load_no FROM live) AS u ON u.load_no = h._load
    ) AS m
    JOIN {{ s }}.{{ (entity ~ '__history') | q }} AS h ON {{ keys | same('h', 'm') }}
    LEFT JOIN live ON live.load_no = h._load
    GROUP BY {{ keys | cols('m') }}
    HAVING count(live.load_no) = 0
), standing AS MATERIALIZED (
    SELECT {{ keys | cols('p') }} FROM told AS p
    WHERE EXISTS (SELECT 1 FROM known AS m WHERE {{ keys | same('m', 'p') }})
      AND NOT EXISTS (SELECT 1 FROM past AS g WHERE {{ keys | same('g', 'p') }})
){% endif %}{% if several %}, later AS (
    SELECT {{ keys | cols('h') }}, max(c.commit_no) AS commit_no
    FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h JOIN changed AS c ON c.load_no = h._load
    JOIN told AS p ON {{ keys | same('p', 'h') }}
    WHERE c.commit_no > (SELECT min(commit_no) FROM told)
    GROUP BY {{ keys | cols('h') }}
{%- for parts in assertions %}
    UNION ALL
    SELECT {{ keys | cols('p') }}, max(a.commit_no)
    FROM standing AS p JOIN scope_of AS a ON {{ parts | same('a', 'p') }}
    WHERE a._parts = {{ parts | join(',') | text }}
    GROUP BY {{ keys | cols('p') }}
{%- endfor %}
), last AS (
    SELECT {{ keys | cols }}, max(commit_no) AS commit_no FROM later GROUP BY {{ keys | cols }}
){% endif %}
SELECT {{ keys | cols('t') }}, t.commit_no AS _commit, {% if several %}coalesce(last.commit_no > t.commit_no, false){% else %}false{% endif %} AS _later,
       (SELECT count(*) FROM page) AS _rows
FROM told AS t{% if several %} LEFT JOIN last ON {{ keys | same('last', 't') }}{% endif %}
ORDER BY t.commit_no, {{ keys | cols('t') }}
