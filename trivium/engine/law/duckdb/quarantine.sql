{#- quarantine: the rejected records of published loads with where they came from, and what became of them. #}
SELECT q.load_no, q.place, r.source, r.delivery, r.revision, r.file, q.line, q.byte_offset, q.raw, q.reasons,
       q.keyless, q.due, l.commit_no, coalesce(z.outcome, 'open') AS state, z."by", r.digest, r.archived, r.arrived_at
FROM {{ s }}._quarantine AS q
JOIN {{ s }}._load AS l USING (load_no)
JOIN {{ s }}._reading AS r USING (reading_no)
LEFT JOIN {{ s }}._resolution AS z ON z.load_no = q.load_no AND z.place = q.place
WHERE ({{ p('source') }}::text IS NULL OR r.source = {{ p('source') }})
  AND ({{ p('closed') }}::boolean OR z.outcome IS NULL)
ORDER BY r.source, r.delivery, q.load_no, q.place
