{#- deliveries: every reading of every delivery with its account and whether it counts; held ones last. With
    `readings`, these alone. #}
WITH top AS (
    SELECT DISTINCT ON (source, delivery) source, delivery, says, kind AS top_kind, reading_no AS top_no
    FROM {{ s }}._reading
    ORDER BY source, delivery, revision DESC, digest DESC, attempt DESC
), account AS (
    SELECT reading_no, sum(received)::BIGINT AS received, sum(accepted)::BIGINT AS accepted,
           sum(rejected)::BIGINT AS rejected, sum(ignored)::BIGINT AS ignored
    FROM {{ s }}._load GROUP BY reading_no
), held AS (
    SELECT o.load_no, d.source, d.name AS delivery, d.revision, d.digest, d.kind, d.file, d.size, d.archived,
           d.arrived_at AT TIME ZONE 'UTC' AS arrived_at, d."by", d.manifest, a.*, g.*
    FROM {{ s }}._open AS o,
         jsonb_to_record(o.held::jsonb -> 'delivery') AS d(
             source text, name text, revision bigint, digest text, kind text, file text, size bigint,
             archived boolean, arrived_at timestamptz, "by" text, manifest text),
         jsonb_to_record(o.held::jsonb -> 'account') AS a(
             received bigint, accepted bigint, rejected bigint, ignored bigint),
         jsonb_to_record(o.held::jsonb -> 'gone') AS g(gone bigint, alive bigint)
    WHERE o.held IS NOT NULL
)
SELECT r.source, r.delivery, r.revision, r.attempt, r.kind,
       CASE WHEN top.says = r.reading_no THEN 'counts'
            WHEN r.kind = 'restored' AND top.says = r.says THEN 'counts'
            WHEN r.kind = 'retraction' AND top.top_kind = 'restored' THEN 'taken back'
            WHEN top.top_kind = 'retraction' AND (r.kind <> 'retraction' OR top.top_no = r.reading_no) THEN 'retracted'
            ELSE 'superseded' END AS state,
       r.reading_no, r.commit_no, r.digest, r.file, r.size, r.archived, r.arrived_at, r."by",
       coalesce(a.received, 0) AS received, coalesce(a.accepted, 0) AS accepted,
       coalesce(a.rejected, 0) AS rejected, coalesce(a.ignored, 0) AS ignored,
       NULL::BIGINT AS gone, NULL::BIGINT AS alive,
{%- if manifests %}
       r.manifest, coalesce(n.times, 0) AS again, n.last_at AS again_at
{%- else %}
       NULL::TEXT AS manifest, 0::BIGINT AS again, NULL::TIMESTAMP AS again_at
{%- endif %}
FROM {{ s }}._reading AS r JOIN top USING (source, delivery) LEFT JOIN account AS a USING (reading_no)
{%- if manifests %}
LEFT JOIN {{ s }}._again AS n ON (n.source, n.delivery, n.digest) = (r.source, r.delivery, r.digest)
{%- endif %}
WHERE ({{ p('source') }}::text IS NULL OR r.source = {{ p('source') }})
  AND ({{ p('delivery') }}::text IS NULL OR r.delivery = {{ p('delivery') }})
  AND ({{ p('readings') }}::bigint[] IS NULL OR r.reading_no = ANY({{ p('readings') }}::bigint[]))
UNION ALL
SELECT h.source, h.delivery, h.revision, NULL, h.kind, 'held', h.load_no, NULL, h.digest, h.file, h.size, h.archived,
       h.arrived_at, h."by", h.received, h.accepted, h.rejected, h.ignored, h.gone, h.alive,
{%- if manifests %}
       h.manifest, coalesce(n.times, 0), n.last_at
FROM held AS h
LEFT JOIN {{ s }}._again AS n ON (n.source, n.delivery, n.digest) = (h.source, h.delivery, h.digest)
{%- else %}
       NULL, 0, NULL
FROM held AS h
{%- endif %}
WHERE ({{ p('source') }}::text IS NULL OR h.source = {{ p('source') }})
  AND ({{ p('delivery') }}::text IS NULL OR h.delivery = {{ p('delivery') }})
  AND {{ p('readings') }}::bigint[] IS NULL
ORDER BY source, delivery, revision, reading_no
