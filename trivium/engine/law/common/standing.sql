{#- standing: of each delivery of which more than one reading came, its highest and what that says. Every other reading
    counts. `contested`: whether the store keeps which deliveries these are. #}
SELECT DISTINCT ON (r.source, r.delivery) r.source, r.delivery, r.says, r.kind AS top_kind, r.reading_no AS top_no
FROM {{ s }}._reading AS r
JOIN (
{%- if contested %}
    SELECT DISTINCT source, delivery FROM {{ s }}._contested
{%- else %}
    SELECT source, delivery FROM {{ s }}._reading GROUP BY source, delivery HAVING count(*) > 1
{%- endif %}
) AS c USING (source, delivery)
ORDER BY r.source, r.delivery, r.revision DESC, r.digest DESC, r.attempt DESC
