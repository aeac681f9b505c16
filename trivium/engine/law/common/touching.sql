{#- touching: the readings that anything committed after one commit and up to another concerns, with the commit: those
    that got a load or a resolution, and all of a delivery that got another reading. #}
SELECT reading_no, commit_no FROM {{ s }}._load WHERE commit_no > {{ after }} AND commit_no <= {{ commit }}
UNION ALL
SELECT l.reading_no, z.commit_no FROM {{ s }}._resolution AS z JOIN {{ s }}._load AS l USING (load_no)
WHERE z.commit_no > {{ after }} AND z.commit_no <= {{ commit }}
UNION ALL
SELECT r.reading_no, n.commit_no FROM {{ s }}._reading AS n JOIN {{ s }}._reading AS r USING (source, delivery)
WHERE n.commit_no > {{ after }} AND n.commit_no <= {{ commit }}
  AND (n.source, n.delivery) IN (SELECT c.source, c.delivery FROM {{ s }}._contested AS c)
