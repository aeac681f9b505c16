{#- fold: what the live statements and assertions make of their keys. One row a key that has any live statement:
    the winners' values, whether it is alive, what it lacks, the stamp of its greatest living statement.
    A key with a single statement needs no contest and passes straight through (of one key alone that is not asked:
    planning is what a look-up costs); a key whose hash another one has goes
    the long way to the same end.
    Where one policy rules alone, what ranks below a key's greatest full statement (`_bound`) can neither win nor end
    anything that does: of a history of nightly snapshots only the last night takes part.
    `rows`: the statements of the keys that are folded, see `rows_of.sql`; of all keys where it is not given.
    `told`: the groups of which is told which reading and place the winner is from; null where none states it. #}
{% set bounded = policies | length == 1 and not keyed -%}
{% if about -%}
WITH spoken AS {% if keyed %}MATERIALIZED{% else %}NOT MATERIALIZED{% endif %} (
    SELECT h.* FROM {% if rows %}{{ rows }}{% else %}{{ s }}.{{ (entity ~ '__history') | q }}{% endif %} AS h
{%- if keyed %}
    WHERE {{ this_key('h') }}
{%- endif %}
), about AS MATERIALIZED (
{% include 'about.sql' %}
), {% else -%}
WITH {% endif -%}
live AS MATERIALIZED (
{% include 'live.sql' %}
), said AS NOT MATERIALIZED (
    SELECT h.*, live.reading_no, live.source, live.delivery,
           {{ keys | key_hash('h') }} AS _hash
    FROM {% if about %}spoken{% else %}{{ s }}.{{ (entity ~ '__history') | q }}{% endif %} AS h
    JOIN live ON live.load_no = h._load
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
    FROM stated AS x{% if not assertions %} WHERE x._hash IN (SELECT _hash FROM contested){% endif %}
    GROUP BY {{ keys | cols('x') }}
{%- endif %}
{%- include 'endings.sql' %}
), many AS MATERIALIZED (
    SELECT x.*, {{ stamp('x', life) }} AS _stamp
    FROM stated AS x
{%- if bounded %}
    JOIN subject AS b ON {{ keys | same('b', 'x') }} AND (b._bound IS NULL OR {{ stamp('x', life) }} >= b._bound)
{%- endif %}
{%- if not keyed %}
    WHERE x._hash IN (SELECT _hash FROM contested)
{%- endif %}
), death AS MATERIALIZED (
{% set dying = 'many' %}{% include 'death.sql' %}
{%- if not keyed %}
), single AS NOT MATERIALIZED (
    SELECT x.*, x._kind = 0{% if assertions %} AND {% set rank = stamp('x', life) %}{% include 'outlives.sql' %}{% endif %} AS _alive
    FROM stated AS x{% if assertions %} LEFT JOIN death AS d ON {{ keys | same('d', 'x') }}{% endif %}
    WHERE NOT EXISTS (SELECT 1 FROM contested AS c WHERE c._hash = x._hash)
{%- endif %}
), living AS MATERIALIZED (
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
), whole AS MATERIALIZED (
    SELECT * FROM living
    WHERE {% for policy in policies %}_rank_{{ policy }} = 1 AND {% endfor %}{{ groups | all_stated }}
), partly AS MATERIALIZED (
    SELECT x.* FROM living AS x
    WHERE NOT EXISTS (SELECT 1 FROM whole AS w WHERE {{ keys | same('w', 'x') }})
{%- endif %}
), won AS MATERIALIZED (
    SELECT {{ keys | cols }}, max(_stamp) AS _stamp
{%- for g in groups %},
           min(_rank_{{ g.policy }}) FILTER (WHERE {{ g.stated | q }}) AS {{ g.won | q }}
{%- endfor %}
    FROM partly GROUP BY {{ keys | cols }}
), gathered AS (
    SELECT {{ keys | cols('x') }}, max(won._stamp) AS _stamp
{%- for g in groups %}{% for c in g.columns %},
           (array_agg(x.{{ c | q }}) FILTER (WHERE x._rank_{{ g.policy }} = won.{{ g.won | q }}))[1] AS {{ c | q }}
{%- endfor %},
           max(won.{{ g.won | q }}) AS {{ g.won | q }}
{%- endfor %}{% for g in told %}{% for c, of in ((g.reading, 'reading_no'), (g.place, '_place')) %},
           max(x.{{ of }}) FILTER (WHERE x._rank_{{ g.policy }} = won.{{ g.won | q }}) AS {{ c | q }}
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
SELECT DISTINCT {{ keys | cols('x') }}{% for c in columns %}, NULL::{{ types[c] }}{% endfor %}, false, '', NULL::bigint{% for g in told %}, NULL::bigint, NULL::bigint{% endfor %}
FROM many AS x
WHERE NOT EXISTS (SELECT 1 FROM living AS v WHERE {{ keys | same('v', 'x') }})
