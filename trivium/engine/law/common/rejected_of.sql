{#- rejected_of: the open quarantined records that name one key. #}
{% set about = true -%}
WITH about AS (
    SELECT DISTINCT l.reading_no FROM {{ s }}.{{ (entity ~ '__mention') | q }} AS m
    JOIN {{ s }}._load AS l ON l.load_no = m._load
    WHERE {{ this_key('m') }}
), live AS (
{% include 'live.sql' %}
)
SELECT m._load AS load_no, m._place AS place
FROM {{ s }}.{{ (entity ~ '__mention') | q }} AS m
JOIN live ON live.load_no = m._load
WHERE {{ this_key('m') }} AND NOT EXISTS (
    SELECT 1 FROM {{ s }}._resolution AS r WHERE r.load_no = m._load AND r.place = m._place
)
ORDER BY 1, 2
