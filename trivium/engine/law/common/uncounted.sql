{#- uncounted: of each source the readings with rows that do not count, and the accounts of their loads. #}
WITH top AS (
{% include 'standing.sql' %}
)
SELECT r.source, count(DISTINCT r.reading_no),
       sum(l.received)::BIGINT, sum(l.accepted)::BIGINT, sum(l.rejected)::BIGINT, sum(l.ignored)::BIGINT
FROM top
JOIN {{ s }}._reading AS r ON r.source = top.source AND r.delivery = top.delivery
JOIN {{ s }}._load AS l ON l.reading_no = r.reading_no
WHERE top.says IS DISTINCT FROM r.reading_no
GROUP BY r.source
