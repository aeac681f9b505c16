{#- findings: what was written down as odd, or with `most` the newest; `given` are names of columns that have to equal
    their parameters. With `behind` those that come behind the one that the parameters `behind_…` tell of. #}
SELECT {% if most %}DISTINCT {% endif %}commit_no, kind, source, subject, detail
FROM {{ s }}._finding
WHERE true
{%- for name in given %}
  AND {{ name }} = {{ p(name) }}
{%- endfor %}
{%- if behind %}
  AND (commit_no < {{ p('behind_commit') }} OR (commit_no = {{ p('behind_commit') }} AND (
      kind, subject, coalesce(source, ''), detail
  ) > (
      {{ p('behind_kind') }}::text, {{ p('behind_subject') }}::text, {{ p('behind_source') }}::text,
      {{ p('behind_detail') }}::text
  )))
{%- endif %}
{%- if most %}
ORDER BY commit_no DESC, kind, subject, source NULLS FIRST, detail
LIMIT {{ p('most') }}
{%- else %}
ORDER BY commit_no, kind, subject
{%- endif %}
