{#- ended: the deaths that assertions are: of each key they cover, unless the record (or delivery) that asserts or a row
    rejected from it mentions the key. #}
SELECT {{ keys | cols('p') }}, p._stamp, p._seq
FROM covered AS p
WHERE NOT EXISTS (
    SELECT 1 FROM mentioned AS m
    WHERE {{ keys | same('m', 'p') }} AND p._place IS NULL AND m.reading_no = p.reading_no
) AND NOT EXISTS (
    SELECT 1 FROM said AS m
    WHERE {{ keys | same('m', 'p') }} AND p._place IS NOT NULL AND m._load = p._load AND m._place = p._place
)
