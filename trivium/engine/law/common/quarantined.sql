{#- quarantined: what is told of a rejected record. #}
SELECT q.load_no, q.place, r.source, r.delivery, r.revision, r.file, q.line, q.byte_offset, q.raw, q.reasons,
       q.keyless, q.due, l.commit_no,
       coalesce(z.outcome, CASE WHEN top.source IS NULL OR top.says = l.reading_no THEN 'open' ELSE 'superseded' END)
           AS state,
       z."by", r.digest, r.archived, r.arrived_at, l.reading_no, z.commit_no AS resolved_in,
       {% if mends %}z.raw{% else %}NULL{% endif %} AS mended
