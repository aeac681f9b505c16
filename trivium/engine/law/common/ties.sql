{#- ties: the ranks at which living statements of one key differ in content: who holds there by the greater digest, and
    the strongest of the others. At most so many, with the total. With `loads`, only ranks at which one of these loads
    speaks. A key comes to the fold's contest only if its live statements differ at one rank at all. #}
WITH live AS MATERIALIZED (
{% include 'live.sql' %}
), candidate AS MATERIALIZED (
    SELECT DISTINCT {{ keys | cols }} FROM (
        SELECT {{ keys | cols('h') }}
        FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
        JOIN live ON live.load_no = h._load
{%- if spoken %}
        JOIN {{ spoken }} AS o ON {{ keys | same('o', 'h') }} AND o._at = h._at
{%- endif %}
        WHERE h._kind = 0
        GROUP BY {{ keys | cols('h') }}, {{ stamp('h', life) }}, h._seq
        HAVING min(h._digest) < max(h._digest)
    ) AS t
), said AS MATERIALIZED (
    SELECT h.*, live.reading_no, live.source, live.delivery, {{ stamp('h', life) }} AS _stamp
    FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
    JOIN live ON live.load_no = h._load
    JOIN candidate AS c ON {{ keys | same('c', 'h') }}
{%- if assertions %}
), subject AS NOT MATERIALIZED (
    SELECT {{ keys | cols }}, NULL::BIGINT AS _bound FROM candidate
{%- endif %}
{%- include 'endings.sql' %}
), death AS MATERIALIZED (
{% set dying = 'said' %}{% include 'death.sql' %}
), living AS (
    SELECT x.*,
           dense_rank() OVER (
               PARTITION BY {{ keys | cols('x') }}, x._stamp, x._seq ORDER BY x._digest DESC
           ) AS _content,
           row_number() OVER (
               PARTITION BY {{ keys | cols('x') }}, x._stamp, x._seq, x._digest
               ORDER BY x.source, x.delivery, x._place
           ) AS _copy
    FROM said AS x
    LEFT JOIN death AS d ON {{ keys | same('d', 'x') }}
    WHERE x._kind = 0
      AND {% set rank = 'x._stamp' %}{% include 'outlives.sql' %}
), tied AS (
    SELECT {{ keys | cols }}, max(_at) AS _at, _seq, max(_content) AS contents,
{%- for prefix, content in (('', 1), ('other_', 2)) %}
           max(CASE WHEN _content = {{ content }} AND _copy = 1 THEN source END) AS {{ prefix }}source,
           max(CASE WHEN _content = {{ content }} AND _copy = 1 THEN delivery END) AS {{ prefix }}delivery,
           max(CASE WHEN _content = {{ content }} AND _copy = 1 THEN _place END) AS {{ prefix }}place
{%- if not loop.last %},{% endif %}
{%- endfor %}
    FROM living
    GROUP BY {{ keys | cols }}, _stamp, _seq
    HAVING max(_content) > 1{% if loads %} AND bool_or(_load IN ({{ loads }})){% endif %}
)
SELECT *, count(*) OVER () AS total FROM tied ORDER BY {{ keys | cols }}, _at, _seq LIMIT {{ most }}
