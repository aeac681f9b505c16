{#- covered: the keys of `subject` with the assertions that cover them and could end what matters of them: nothing below
    `_bound` does, where there is one. #}
{% for parts in assertions -%}
SELECT {{ keys | cols('k') }}, {{ stamp('a', life) }} AS _stamp, a._seq, a.reading_no, a._load, a._place
FROM subject AS k
JOIN assertion AS a ON a._parts = {{ parts | join(',') | text }}
{%- for k in parts %} AND a.{{ k | q }} = k.{{ k | q }}{% endfor %}
WHERE k._bound IS NULL OR {{ stamp('a', life) }} >= k._bound
{%- if not loop.last %}
UNION ALL
{% endif %}
{%- endfor %}
