{#- about: the readings that say something of the keys in `spoken`, or whose assertions cover one of them. What a fold of
    these keys asks of loads it asks of theirs: of millions of readings it looks at few. #}
SELECT DISTINCT l.reading_no FROM {{ s }}._load AS l
WHERE l.load_no IN (
    SELECT _load FROM spoken
{%- for parts in assertions %}
    UNION ALL
    SELECT a._load FROM {{ s }}.{{ (entity ~ '__assertion') | q }} AS a
    JOIN (SELECT DISTINCT {{ parts | cols }} FROM spoken) AS k ON {{ parts | same('a', 'k') }}
    WHERE a._parts = {{ parts | join(',') | text }}
{%- endfor %}
)
