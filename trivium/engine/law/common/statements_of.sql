{#- statements_of: everything that was ever said of one key, with where it came from and the standing of its reading.
    A place of a reading has one record at a time: what stands where one was mended stems from the last mend there. #}
{% set about = true -%}
WITH about AS (
    SELECT DISTINCT l.reading_no FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
    JOIN {{ s }}._load AS l ON l.load_no = h._load
    WHERE {{ this_key('h') }}
), live AS (
{% include 'live.sql' %}
)
SELECT h.*, r.source, r.delivery, r.revision, r.file, r.kind AS reading_kind, l.reading_no, l.commit_no,
       live.load_no IS NOT NULL AS live,
       (SELECT top.kind FROM {{ s }}._reading AS top
        WHERE top.source = r.source AND top.delivery = r.delivery AND top.commit_no <= {{ commit }}
        ORDER BY top.revision DESC, top.digest DESC, top.attempt DESC LIMIT 1) AS top_kind,
       (SELECT top.revision FROM {{ s }}._reading AS top
        WHERE top.source = r.source AND top.delivery = r.delivery AND top.commit_no <= {{ commit }}
        ORDER BY top.revision DESC, top.digest DESC, top.attempt DESC LIMIT 1) AS top_revision,
       mend.load_no AS _mended_load, mend.commit_no AS _mended_in, mend."by" AS _mended_by
FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
JOIN {{ s }}._load AS l ON l.load_no = h._load AND l.commit_no <= {{ commit }}
JOIN {{ s }}._reading AS r ON r.reading_no = l.reading_no
LEFT JOIN live ON live.load_no = h._load
LEFT JOIN LATERAL (
    SELECT z.load_no, z.commit_no, z."by"
    FROM {{ s }}._load AS one
    JOIN {{ s }}._resolution AS z ON z.load_no = one.load_no AND z.place = h._place AND z.outcome = 'mended'
    WHERE one.reading_no = l.reading_no AND z.commit_no <= l.commit_no
    ORDER BY z.commit_no DESC LIMIT 1
) AS mend ON true
WHERE {{ this_key('h') }}
