{#- preview: how many living records appear, end, change or stay as they are between two folds of the same keys. #}
WITH before AS (
{{ before }}
), after AS (
{{ after }}
)
SELECT count(*) FILTER (WHERE a._alive AND b._alive IS NOT TRUE),
       count(*) FILTER (WHERE b._alive AND a._alive IS NOT TRUE),
       count(*) FILTER (WHERE a._alive AND b._alive AND (b._lacks <> a._lacks
{%- for c in columns %} OR b.{{ c | q }} IS DISTINCT FROM a.{{ c | q }}{% endfor %})),
       count(*) FILTER (WHERE a._alive AND b._alive)
FROM before AS b FULL JOIN after AS a ON {{ keys | same('a', 'b') }}
