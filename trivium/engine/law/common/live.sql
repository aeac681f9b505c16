{#- live: the loads that count, as things stood at a commit: those of the reading that the highest reading of
    each delivery says. With `trial`, as if an unpublished load were the reading of its delivery; with `alone`, those of
    one source only, or of one delivery of it. #}
SELECT l.load_no, l.reading_no, top.source, top.delivery
FROM {{ s }}._load AS l
JOIN (
    SELECT DISTINCT ON (source, delivery) source, delivery, says
    FROM {{ s }}._reading
    WHERE commit_no <= {{ commit }}
    ORDER BY source, delivery, revision DESC, digest DESC, attempt DESC
) AS top ON top.says = l.reading_no
WHERE l.commit_no <= {{ commit }}
{%- if alone %}
  AND top.source = {{ alone.source | text }}
{%- if alone.delivery is not none %} AND top.delivery = {{ alone.delivery | text }}{% endif %}
{%- endif %}
{%- if trial %}
  AND NOT (top.source = {{ trial.source | text }} AND top.delivery = {{ trial.delivery | text }})
UNION ALL
SELECT {{ trial.load_no }}, {{ trial.load_no }}, {{ trial.source | text }}, {{ trial.delivery | text }}
{%- endif %}
