{#- death: the greatest death of each key: by the deletes among `dying`, or by what assertions have `ended`. #}
SELECT DISTINCT ON ({{ keys | cols }}) {{ keys | cols }}, _stamp, _seq
FROM (
    SELECT {{ keys | cols }}, _stamp, _seq FROM {{ dying }} WHERE _kind = 1
{%- if assertions %}
    UNION ALL
    SELECT {{ keys | cols }}, _stamp, _seq FROM ended
{%- endif %}
) AS d
ORDER BY {{ keys | cols }}, _stamp DESC, _seq DESC
