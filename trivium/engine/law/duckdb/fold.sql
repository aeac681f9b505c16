{#- fold: what the live statements and assertions make of their keys. One row a key that has any live statement:
    the winners' values, whether it is alive, what it lacks, the stamp of its greatest living statement.
    A key with a single statement needs no contest and passes straight through (of one key alone that is not asked:
    planning is what a look-up costs). Aggregates take a CASE and no FILTER:
    each FILTER buffers all columns of its own, and 350 of them took seconds for a single row.
    Where one policy rules alone, what ranks below a key's greatest full statement (`_bound`) can neither win nor end
    anything that does: of a history of nightly snapshots only the last night takes part.
    `told`: the groups of which is told which reading and place the winner is from; null where none states it. #}
{% set bounded = policies | length == 1 and not keyed -%}
{% if about -%}
WITH spoken AS MATERIALIZED (
    SELECT h.* FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
{%- if keyed %}
    WHERE {{ this_key('h') }}
{%- else %}
    SEMI JOIN {{ only }} AS o ON {{ keys | same('o', 'h') }}
{%- endif %}
), about AS MATERIALIZED (
{% include 'about.sql' %}
), {% else -%}
WITH {% endif -%}
live AS MATERIALIZED (
{% include 'live.sql' %}
), said AS {% if about %}MATERIALIZED{% else %}NOT MATERIALIZED{% endif %} (
    SELECT h.*, live.reading_no, live.source, live.delivery,
           hash({{ keys | cols('h') }}) AS _hash
{%- if about %}
    FROM spoken AS h
{%- else %}
    FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
{%- endif %}
    JOIN live ON live.load_no = h._load
{%- if only and not about %}
    SEMI JOIN {% if part %}(SELECT * FROM {{ only }} WHERE hash({{ keys | cols }}) % {{ part[1] }} = {{ part[0] }}){% else %}{{ only }}{% endif %} AS o ON {{ keys | same('o', 'h') }}
{%- endif %}
{%- if part %}
    WHERE hash({{ keys | cols('h') }}) % {{ part[1] }} = {{ part[0] }}
{%- endif %}
), stated AS NOT MATERIALIZED (
    SELECT * FROM said{% if as_of is not none %} WHERE _at <= {{ as_of }}{% endif %}
{%- if not keyed %}
), contested AS MATERIALIZED (
    SELECT _hash FROM stated GROUP BY _hash HAVING count(*) > 1
{%- endif %}
{%- if assertions or bounded %}
), subject AS MATERIALIZED (
    SELECT {{ keys | cols('x') }},
           {% if bounded %}max(CASE WHEN x._kind = 0 AND {{ groups | all_stated }} THEN {{ stamp('x', life) }} END){% else %}NULL::BIGINT{% endif %} AS _bound
    FROM stated AS x{% if not assertions %} SEMI JOIN contested USING (_hash){% endif %}
    GROUP BY {{ keys | cols('x') }}
{%- endif %}
{%- include 'endings.sql' %}
), many AS MATERIALIZED (
    SELECT x.*, {{ stamp('x', life) }} AS _stamp
    FROM stated AS x
{%- if not keyed %}
    SEMI JOIN contested USING (_hash)
{%- endif %}
{%- if bounded %}
    JOIN subject AS b ON {{ keys | same('b', 'x') }} AND (b._bound IS NULL OR {{ stamp('x', life) }} >= b._bound)
{%- endif %}
), death AS (
{% set dying = 'many' %}{% include 'death.sql' %}
{%- if not keyed %}
), single AS NOT MATERIALIZED (
    SELECT x.*, x._kind = 0{% if assertions %} AND {% set rank = stamp('x', life) %}{% include 'outlives.sql' %}{% endif %} AS _alive
    FROM stated AS x{% if assertions %} LEFT JOIN death AS d ON {{ keys | same('d', 'x') }}{% endif %}
    WHERE NOT EXISTS (SELECT 1 FROM contested AS c WHERE c._hash = x._hash)
{%- endif %}
), living AS (
    SELECT x.*
{%- for policy in policies %},
           row_number() OVER (
               PARTITION BY {{ keys | cols('x') }}
               ORDER BY {{ stamp('x', policy) }} DESC, x._seq DESC, x._digest DESC, x.source, x.delivery, x._place
           ) AS _rank_{{ policy }}
{%- endfor %}
    FROM many AS x
    LEFT JOIN death AS d ON {{ keys | same('d', 'x') }}
    WHERE x._kind = 0
      AND {% set rank = 'x._stamp' %}{% include 'outlives.sql' %}
{%- if keyed %}
), partly AS MATERIALIZED (
    SELECT * FROM living
{%- else %}
), whole AS (
    SELECT * FROM living
    WHERE {% for policy in policies %}_rank_{{ policy }} = 1 AND {% endfor %}{{ groups | all_stated }}
), partly AS MATERIALIZED (
    SELECT x.* FROM living AS x ANTI JOIN whole AS w ON {{ keys | same('w', 'x') }}
{%- endif %}
), won AS (
    SELECT {{ keys | cols }}, max(_stamp) AS _stamp
{%- for g in groups %},
           min(CASE WHEN {{ g.stated | q }} THEN _rank_{{ g.policy }} END) AS {{ g.won | q }}
{%- endfor %}
    FROM partly GROUP BY {{ keys | cols }}
), gathered AS (
    SELECT {{ keys | cols('x') }}, any_value(won._stamp) AS _stamp
{%- for g in groups %}{% for c in g.columns %},
           any_value(CASE WHEN x._rank_{{ g.policy }} = won.{{ g.won | q }} THEN x.{{ c | q }} END) AS {{ c | q }}
{%- endfor %},
           any_value(won.{{ g.won | q }}) AS {{ g.won | q }}
{%- endfor %}{% for g in told %}{% for c, of in ((g.reading, 'reading_no'), (g.place, '_place')) %},
           any_value(CASE WHEN x._rank_{{ g.policy }} = won.{{ g.won | q }} THEN x.{{ of }} END) AS {{ c | q }}
{%- endfor %}{% endfor %}
    FROM partly AS x JOIN won ON {{ keys | same('won', 'x') }}
    GROUP BY {{ keys | cols('x') }}
)
{%- if not keyed %}
SELECT {{ keys | cols }}
{%- for c in columns %}, CASE WHEN _alive THEN {{ c | q }} END AS {{ c | q }}{% endfor %},
       _alive,
       CASE WHEN _alive THEN {{ groups | lacks }} ELSE '' END AS _lacks,
       CASE WHEN _alive THEN {{ stamp('single', life) }} END AS _stamp
{%- for g in told %},
       CASE WHEN _alive AND {{ g.stated | q }} THEN reading_no END AS {{ g.reading | q }},
       CASE WHEN _alive AND {{ g.stated | q }} THEN _place END AS {{ g.place | q }}
{%- endfor %}
FROM single
UNION ALL
SELECT {{ keys | cols }}{% for c in columns %}, {{ c | q }}{% endfor %}, true, '', _stamp{% for g in told %}, reading_no, _place{% endfor %}
FROM whole
UNION ALL
{%- endif %}
SELECT {{ keys | cols }}{% for c in columns %}, {{ c | q }}{% endfor %}, true AS _alive, {{ groups | lacks_won }} AS _lacks, _stamp
{%- for g in told %}, {{ g.reading | q }}, {{ g.place | q }}{% endfor %}
FROM gathered
UNION ALL
SELECT DISTINCT {{ keys | cols('x') }}{% for c in columns %}, NULL{% endfor %}, false, '', NULL{% for g in told %}, NULL, NULL{% endfor %}
FROM many AS x ANTI JOIN living AS v ON {{ keys | same('v', 'x') }}
