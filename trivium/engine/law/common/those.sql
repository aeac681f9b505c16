{#- those: the records that a fold makes of the keys in a relation, in their order, `_nth`; also of those of which it
    makes none. #}
SELECT {{ keys | cols('t') }}
{%- for c in columns %}, f.{{ c | q }}{% endfor %},
       coalesce(f._alive, false) AS _alive, coalesce(f._lacks, '') AS _lacks, f._stamp
FROM {{ asked }} AS t
LEFT JOIN (
{{ fold }}
) AS f ON {{ keys | same('f', 't') }}
ORDER BY t._nth
