{#- deliveries: every reading of every delivery with its account and how it stands; held ones too, if not asked for
    `readings` alone. `given` are names of columns that have to equal their parameters, `states` those that are asked
    for. With `most` the newest, by the number of the reading, and with `behind` only those below it. #}
{%- set state %}
CASE WHEN top.source IS NULL OR top.says = r.reading_no THEN 'counts'
     WHEN r.kind = 'restored' AND top.says = r.says THEN 'counts'
     WHEN r.kind = 'retraction' AND top.top_kind = 'restored' THEN 'taken back'
     WHEN top.top_kind = 'retraction' AND (r.kind <> 'retraction' OR top.top_no = r.reading_no) THEN 'retracted'
     ELSE 'superseded' END
{%- endset %}
{%- set contested_only = states and 'counts' not in states %}
WITH top AS (
{% include 'standing.sql' %}
), asked AS (
    SELECT {% if most %}r.reading_no{% else %}r.*, {{ state }} AS state{% endif %}
    FROM {{ s }}._reading AS r
{%- if states or not most %}
    {% if contested_only %}JOIN{% else %}LEFT JOIN{% endif %} top ON top.source = r.source AND top.delivery = r.delivery
{%- endif %}
    WHERE true
{%- for name in given %}
      AND r.{{ name }} = {{ p(name) }}
{%- endfor %}
{%- if readings %}
      AND r.reading_no = ANY({{ p('readings') }})
{%- endif %}
{%- if behind %}
      AND r.reading_no < {{ p('behind') }}
{%- endif %}
{%- if states %}
      AND {{ state }} IN ({% for one in states %}{{ one | text }}{% if not loop.last %}, {% endif %}{% endfor %})
{%- endif %}
{%- if most %}
    ORDER BY r.reading_no DESC LIMIT {{ p('most') }}
), page AS MATERIALIZED (
    SELECT * FROM asked
), told AS (
    SELECT r.*, {{ state }} AS state
    FROM page JOIN {{ s }}._reading AS r ON r.reading_no = page.reading_no
    LEFT JOIN top ON top.source = r.source AND top.delivery = r.delivery
{%- endif %}
), account AS (
    SELECT reading_no, sum(received)::BIGINT AS received, sum(accepted)::BIGINT AS accepted,
           sum(rejected)::BIGINT AS rejected, sum(ignored)::BIGINT AS ignored
    FROM {{ s }}._load WHERE reading_no IN (SELECT reading_no FROM {{ 'page' if most else 'asked' }}) GROUP BY reading_no
), held AS (
{% include 'held.sql' %}
), every AS (
    SELECT r.source, r.delivery, r.revision, r.attempt, r.kind, r.state, r.reading_no, r.commit_no, r.digest, r.file,
           r.size, r.archived, r.arrived_at, r."by",
           coalesce(a.received, 0) AS received, coalesce(a.accepted, 0) AS accepted,
           coalesce(a.rejected, 0) AS rejected, coalesce(a.ignored, 0) AS ignored,
           NULL::BIGINT AS gone, NULL::BIGINT AS alive, {% if manifests %}r.manifest{% else %}NULL::TEXT{% endif %} AS manifest
    FROM {{ 'told' if most else 'asked' }} AS r LEFT JOIN account AS a USING (reading_no)
{%- if not readings and (not states or 'held' in states) %}
    UNION ALL
    SELECT h.source, h.delivery, h.revision, NULL, h.kind, 'held', h.load_no, NULL, h.digest, h.file, h.size,
           h.archived, h.arrived_at, h."by", h.received, h.accepted, h.rejected, h.ignored, h.gone, h.alive, h.manifest
    FROM held AS h
    WHERE true
{%- for name in given %}
      AND h.{{ name }} = {{ p(name) }}
{%- endfor %}
{%- if behind %}
      AND h.load_no < {{ p('behind') }}
{%- endif %}
{%- endif %}
)
SELECT e.*,
{%- if manifests %}
       coalesce(n.times, 0) AS again, n.last_at AS again_at
FROM every AS e
LEFT JOIN {{ s }}._again AS n ON n.source = e.source AND n.delivery = e.delivery AND n.digest = e.digest
{%- else %}
       0::BIGINT AS again, NULL::TIMESTAMP AS again_at
FROM every AS e
{%- endif %}
{%- if most %}
ORDER BY reading_no DESC LIMIT {{ p('most') }}
{%- else %}
ORDER BY source, delivery, revision, reading_no
{%- endif %}
