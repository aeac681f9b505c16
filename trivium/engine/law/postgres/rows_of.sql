{#- rows_of: every statement of the keys in a relation. The fold takes them from a table of its own: joined within it,
    the planner takes five equal columns for next to none, and walks through all loads for each of many rows. #}
SELECT h.*
FROM {{ s }}.{{ (entity ~ '__history') | q }} AS h
JOIN {{ only }} AS o ON {{ keys | same('o', 'h') }} AND {{ keys | key_hash('o') }} = {{ keys | key_hash('h') }}
