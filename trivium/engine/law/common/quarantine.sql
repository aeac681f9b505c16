{#- quarantine: the rejected records of published loads with where they came from, and what became of them, or with
    `counting` how many there are of each source. A record is open only while its reading counts. `given` are names of
    columns that have to equal their parameters; `decided` asks for those that were, `due` for those that wait for an
    instant up to it, `unnamed` for those of which some key of these entities is not known (counted alone), `most` for the
    first ones alone; with `newest` by their loads from the last one down, and with
    `behind` those only that come behind the record `behind_load`, `behind_place` then. #}
{%- set of = {'source': 'r', 'delivery': 'r', 'reading_no': 'l', 'load_no': 'q', 'place': 'q'} %}
{%- set order = 'q.load_no DESC, q.place' if newest else 'r.source, r.delivery, q.load_no, q.place' %}
WITH top AS (
{% include 'standing.sql' %}
){% if most %}, page AS (
    SELECT q.load_no, q.place
{%- endif %}
{%- if counting %}
SELECT r.source, count(*)
{%- elif not most %}
{%- include 'quarantined.sql' %}
{%- endif %}
FROM {{ s }}._quarantine AS q
JOIN {{ s }}._load AS l USING (load_no)
JOIN {{ s }}._reading AS r USING (reading_no)
LEFT JOIN top ON top.source = r.source AND top.delivery = r.delivery
LEFT JOIN {{ s }}._resolution AS z ON z.load_no = q.load_no AND z.place = q.place
{%- if unnamed %}
LEFT JOIN (
{%- for entity in unnamed %}
    SELECT DISTINCT _load, _place FROM {{ s }}.{{ (entity ~ '__mention') | q }}
{%- if not loop.last %}
    UNION
{%- endif %}
{%- endfor %}
) AS n ON n._load = q.load_no AND n._place = q.place
{%- endif %}
WHERE {% if decided %}z.outcome IS NOT NULL{% elif closed %}true{% else %}z.outcome IS NULL AND (top.source IS NULL OR top.says = l.reading_no){% endif %}
{%- for name in given %}
  AND {{ of[name] }}.{{ name }} = {{ p(name) }}
{%- endfor %}
{%- if unnamed %}
  AND (q.keyless OR n._load IS NULL)
{%- endif %}
{%- if due %}
  AND q.due <= {{ p('due') }}
{%- endif %}
{%- if behind %}
  AND (q.load_no < {{ p('behind_load') }} OR (q.load_no = {{ p('behind_load') }} AND q.place > {{ p('behind_place') }}))
{%- endif %}
{%- if counting %}
GROUP BY r.source ORDER BY r.source
{%- elif most %}
ORDER BY {{ order }}
LIMIT {{ p('most') }}
)
{%- include 'quarantined.sql' %}
FROM page JOIN {{ s }}._quarantine AS q ON q.load_no = page.load_no AND q.place = page.place
JOIN {{ s }}._load AS l ON l.load_no = q.load_no
JOIN {{ s }}._reading AS r USING (reading_no)
LEFT JOIN top ON top.source = r.source AND top.delivery = r.delivery
LEFT JOIN {{ s }}._resolution AS z ON z.load_no = q.load_no AND z.place = q.place
ORDER BY {{ order }}
{%- else %}
ORDER BY {{ order }}
{%- endif %}
