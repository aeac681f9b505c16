{#- held: what the loads that are held are of. #}
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
