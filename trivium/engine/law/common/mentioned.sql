{#- mentioned: the keys that each covering reading names: those it states, whatever their time, and those of its rejected
    rows that could be read, unless such a row was mended into a statement of its own. Only where a whole delivery asserts
    it matters what it names: of all others the rejected rows name keys for people alone. #}
SELECT {{ keys | cols('h') }}, h.reading_no
FROM said AS h
WHERE h.reading_no IN (SELECT reading_no FROM covered WHERE _place IS NULL)
UNION ALL
SELECT {{ keys | cols('m') }}, live.reading_no
FROM {{ s }}.{{ (entity ~ '__mention') | q }} AS m
JOIN live ON live.load_no = m._load
WHERE live.reading_no IN (SELECT reading_no FROM covered WHERE _place IS NULL) AND NOT EXISTS (
    SELECT 1 FROM {{ s }}._resolution AS r
    WHERE r.load_no = m._load AND r.place = m._place AND r.outcome <> 'dropped' AND r.commit_no <= {{ commit }}
)
