{#- statements_of: everything that was ever said of one key, with where it came from and the standing of its reading. #}
WITH live AS (
{% include 'live.sql' %}
)
SELECT h.*, r.source, r.delivery, r.revision, r.file, r.kind AS reading_kind, l.reading_no, l.commit_no,
       live.load_no IS NOT NULL AS live,
       (SELECT top.kind FROM {{ s }}._reading AS top
        WHERE top.source = r.source AND top.delivery = r.delivery AND top.commit_no <= {{ commit }}
        ORDER BY top.revision DESC, top.digest DESC, top.attempt DESC LIMIT 1) AS top_kind,
       (SELECT top.revision FROM {{ s }}._reading AS top
        WHERE top.source = r.source AND top.delivery = r.delivery AND top.commit_no <= {{ commit }}
        ORDER BY top.revision DESC, top.digest DESC, top.attempt DESC LIMIT 1) AS top_revision
FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
JOIN {{ s }}._load AS l ON l.load_no = h._load AND l.commit_no <= {{ commit }}
JOIN {{ s }}._reading AS r ON r.reading_no = l.reading_no
LEFT JOIN live ON live.load_no = h._load
WHERE {{ this_key('h') }}
