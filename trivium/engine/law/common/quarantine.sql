{#- quarantine: the rejected records of published loads with where they came from, and what became of them.
    A record is open only while its reading counts. #}
SELECT q.load_no, q.place, r.source, r.delivery, r.revision, r.file, q.line, q.byte_offset, q.raw, q.reasons,
       q.keyless, q.due, l.commit_no,
       coalesce(z.outcome, CASE WHEN top.says = l.reading_no THEN 'open' ELSE 'superseded' END) AS state,
       z."by", r.digest, r.archived, r.arrived_at, l.reading_no, z.commit_no AS resolved_in,
       {% if mends %}z.raw{% else %}NULL{% endif %} AS mended
FROM {{ s }}._quarantine AS q
JOIN {{ s }}._load AS l USING (load_no)
JOIN {{ s }}._reading AS r USING (reading_no)
JOIN (
    SELECT DISTINCT ON (source, delivery) source, delivery, says
    FROM {{ s }}._reading
    ORDER BY source, delivery, revision DESC, digest DESC, attempt DESC
) AS top ON top.source = r.source AND top.delivery = r.delivery
LEFT JOIN {{ s }}._resolution AS z ON z.load_no = q.load_no AND z.place = q.place
WHERE ({{ p('source') }}::text IS NULL OR r.source = {{ p('source') }})
  AND ({{ p('closed') }}::boolean OR (z.outcome IS NULL AND top.says = l.reading_no))
ORDER BY r.source, r.delivery, q.load_no, q.place
