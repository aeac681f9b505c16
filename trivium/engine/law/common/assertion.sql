{#- assertion: the assertions that exist: of live loads, and none of a delivery that still has an open rejected
    row whose key could not be read. #}
SELECT a.*, live.reading_no
FROM {{ s }}.{{ (entity ~ '__assertion') | q }} AS a
JOIN live ON live.load_no = a._load
WHERE (a._place IS NOT NULL OR NOT EXISTS (
    SELECT 1
    FROM {{ s }}._quarantine AS k
    JOIN live AS kl ON kl.load_no = k.load_no
    WHERE kl.reading_no = live.reading_no AND k.keyless
      AND NOT EXISTS (
          SELECT 1 FROM {{ s }}._resolution AS r
          WHERE r.load_no = k.load_no AND r.place = k.place AND r.commit_no <= {{ commit }}
      )
)){% if as_of is not none %} AND a._at <= {{ as_of }}{% endif %}
