{#- sums: what the sources sent after one commit, whatever of it counts: readings with rows of their own and the last
    arrival, and the accounts of their loads; apart for what was committed up to another commit and what was after. #}
SELECT source, commit_no <= {{ settled }} AS settled, sum(CASE WHEN kind IN ('retraction', 'restored') THEN 0 ELSE 1 END),
       max(arrived_at), 0::BIGINT, 0::BIGINT, 0::BIGINT, 0::BIGINT
FROM {{ s }}._reading WHERE commit_no > {{ after }}
GROUP BY 1, 2
UNION ALL
SELECT r.source, l.commit_no <= {{ settled }}, 0, NULL,
       sum(l.received)::BIGINT, sum(l.accepted)::BIGINT, sum(l.rejected)::BIGINT, sum(l.ignored)::BIGINT
FROM {{ s }}._load AS l JOIN {{ s }}._reading AS r USING (reading_no) WHERE l.commit_no > {{ after }}
GROUP BY 1, 2
