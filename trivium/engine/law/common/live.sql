{#- live: the loads that count, as things stood at a commit: those of the reading that the highest reading of
    each delivery says. A delivery of which one reading came says itself, and most do: only of those in `_contested` is
    it asked which counts. With `about`, of the readings in the relation of that name alone. With `trial`, as if an
    unpublished load were the reading of its delivery; with `alone`, those of one source only, or of one delivery of it. #}
SELECT load_no, reading_no, source, delivery FROM (
    SELECT l.load_no, l.reading_no, r.source, r.delivery
    FROM {{ s }}._load AS l
    JOIN {{ s }}._reading AS r ON r.reading_no = l.reading_no
    WHERE l.commit_no <= {{ commit }}{% if about %} AND l.reading_no IN (SELECT reading_no FROM about){% endif %}
      AND NOT EXISTS (SELECT 1 FROM {{ s }}._contested AS c WHERE c.source = r.source AND c.delivery = r.delivery)
    UNION ALL
    SELECT l.load_no, l.reading_no, top.source, top.delivery
    FROM {{ s }}._load AS l
    JOIN (
        SELECT DISTINCT ON (r.source, r.delivery) r.source, r.delivery, r.says
        FROM {{ s }}._reading AS r
        JOIN (SELECT DISTINCT source, delivery FROM {{ s }}._contested) AS c USING (source, delivery)
        WHERE r.commit_no <= {{ commit }}
        ORDER BY r.source, r.delivery, r.revision DESC, r.digest DESC, r.attempt DESC
    ) AS top ON top.says = l.reading_no
    WHERE l.commit_no <= {{ commit }}{% if about %} AND l.reading_no IN (SELECT reading_no FROM about){% endif %}
) AS counted
{%- if alone or trial %}
WHERE true
{%- endif %}
{%- if alone %}
  AND source = {{ alone.source | text }}
{%- if alone.delivery is not none %} AND delivery = {{ alone.delivery | text }}{% endif %}
{%- endif %}
{%- if trial %}
  AND NOT (source = {{ trial.source | text }} AND delivery = {{ trial.delivery | text }})
UNION ALL
SELECT {{ trial.load_no }}, {{ trial.load_no }}, {{ trial.source | text }}, {{ trial.delivery | text }}
{%- endif %}
