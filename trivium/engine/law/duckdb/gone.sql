{#- gone: how many living records the whole-delivery assertions of unpublished loads would end, and how many
    living records there are in their scopes. #}
WITH current AS (
{{ current }}
), scoped AS (
{%- for parts in assertions %}
    SELECT {{ keys | cols('c') }}, c._stamp, max({{ stamp('a', life) }}) AS _death
    FROM current AS c
    JOIN {{ s }}.{{ (entity ~ '__assertion') | q }} AS a
      ON a._parts = {{ parts | join(',') | text }}{% for k in parts %} AND a.{{ k | q }} = c.{{ k | q }}{% endfor %}
    WHERE a._load IN ({{ loads }}) AND a._place IS NULL AND c._alive
    GROUP BY ALL
{%- if not loop.last %}
    UNION ALL
{%- endif %}
{%- endfor %}
)
SELECT count(*) FILTER (WHERE c._stamp <= c._death AND NOT EXISTS (
           SELECT 1 FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
           WHERE h._load IN ({{ loads }}) AND {{ keys | same('h', 'c') }}
       ) AND NOT EXISTS (
           SELECT 1 FROM {{ s }}.{{ (entity ~ '__mention') | q }} AS m
           WHERE m._load IN ({{ loads }}) AND {{ keys | same('m', 'c') }}
       )),
       count(*)
FROM scoped AS c
