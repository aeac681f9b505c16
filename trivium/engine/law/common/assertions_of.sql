{#- assertions_of: every assertion whose scope covers one key, whether it exists, and whether its reading mentions the key,
    that of one that counts no more too: it never ended what it named. #}
{% set about = true -%}
WITH covering AS (
{%- for parts in assertions %}
    SELECT a.* FROM {{ s }}.{{ (entity ~ '__assertion') | q }} AS a
    WHERE a._parts = {{ parts | join(',') | text }} AND {{ this_key('a', parts) }}
{%- if not loop.last %}
    UNION ALL
{%- endif %}
{%- else %}
    SELECT * FROM {{ s }}.{{ (entity ~ '__assertion') | q }} WHERE false
{%- endfor %}
), about AS (
    SELECT DISTINCT l.reading_no FROM covering AS a JOIN {{ s }}._load AS l ON l.load_no = a._load
), live AS (
{% include 'live.sql' %}
), assertion AS (
{% include 'assertion.sql' %}
)
SELECT a.*, r.source, r.delivery, r.revision, r.file, r.reading_no, l.commit_no,
       live.load_no IS NOT NULL AS live,
       live.load_no IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM assertion AS e WHERE e._load = a._load AND e._place IS NOT DISTINCT FROM a._place
       ) AS held_back,
       CASE WHEN a._place IS NULL THEN EXISTS (
           SELECT 1 FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
           JOIN {{ s }}._load AS hl ON hl.load_no = h._load AND hl.commit_no <= {{ commit }}
           WHERE hl.reading_no = l.reading_no AND {{ this_key('h') }}
       ) OR EXISTS (
           SELECT 1 FROM {{ s }}.{{ (entity ~ '__mention') | q }} AS m
           JOIN {{ s }}._load AS ml ON ml.load_no = m._load AND ml.commit_no <= {{ commit }}
           WHERE ml.reading_no = l.reading_no AND {{ this_key('m') }} AND NOT EXISTS (
               SELECT 1 FROM {{ s }}._resolution AS z
               WHERE z.load_no = m._load AND z.place = m._place AND z.outcome <> 'dropped'
           )
       ) ELSE EXISTS (
           SELECT 1 FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
           WHERE h._load = a._load AND h._place = a._place AND {{ this_key('h') }}
       ) END AS mentioned
FROM covering AS a
JOIN {{ s }}._load AS l ON l.load_no = a._load AND l.commit_no <= {{ commit }}
JOIN {{ s }}._reading AS r ON r.reading_no = l.reading_no
LEFT JOIN live ON live.load_no = a._load
