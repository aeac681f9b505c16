{#- quarantine: the rejected records of published loads with where they came from, and what became of them, or with
    `counting` how many there are of each source. A record is open only while its reading counts. `given` are names of
    columns that have to equal their parameters; `decided` asks
    for those that were, `due` for those that wait for an instant up to it, `most` for the
    first ones alone. #}
{%- set of = {'source': 'r', 'delivery': 'r', 'reading_no': 'l', 'load_no': 'q', 'place': 'q'} %}
{%- if counting %}
SELECT r.source, count(*)
{%- else %}
SELECT q.load_no, q.place, r.source, r.delivery, r.revision, r.file, q.line, q.byte_offset, q.raw, q.reasons,
       q.keyless, q.due, l.commit_no,
       coalesce(z.outcome, CASE WHEN top.says = l.reading_no THEN 'open' ELSE 'superseded' END) AS state,
       z."by", r.digest, r.archived, r.arrived_at, l.reading_no, z.commit_no AS resolved_in,
       {% if mends %}z.raw{% else %}NULL{% endif %} AS mended
{%- endif %}
FROM {{ s }}._quarantine AS q
JOIN {{ s }}._load AS l USING (load_no)
JOIN {{ s }}._reading AS r USING (reading_no)
JOIN (
    SELECT DISTINCT ON (source, delivery) source, delivery, says
    FROM {{ s }}._reading
    ORDER BY source, delivery, revision DESC, digest DESC, attempt DESC
) AS top ON top.source = r.source AND top.delivery = r.delivery
LEFT JOIN {{ s }}._resolution AS z ON z.load_no = q.load_no AND z.place = q.place
WHERE {% if decided %}z.outcome IS NOT NULL{% elif closed %}true{% else %}z.outcome IS NULL AND top.says = l.reading_no{% endif %}
{%- for name in given %}
  AND {{ of[name] }}.{{ name }} = {{ p(name) }}
{%- endfor %}
{%- if due %}
  AND q.due <= {{ p('due') }}
{%- endif %}
{%- if counting %}
GROUP BY r.source ORDER BY r.source
{%- else %}
ORDER BY r.source, r.delivery, q.load_no, q.place
{%- if most %}
LIMIT {{ p('most') }}
{%- endif %}
{%- endif %}
