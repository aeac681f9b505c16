{#- held: what the loads that are held are of. #}
    SELECT load_no, h.delivery.source AS source, h.delivery.name AS delivery, h.delivery.revision AS revision,
           h.delivery.digest AS digest, h.delivery.kind AS kind, h.delivery.file AS file, h.delivery.size AS size,
           h.delivery.archived AS archived, h.delivery.arrived_at AT TIME ZONE 'UTC' AS arrived_at,
           h.delivery."by" AS "by", h.delivery.manifest AS manifest, unnest(h.account), unnest(h.gone)
    FROM (
        SELECT load_no, from_json(held, '{
            "delivery": {"source": "VARCHAR", "name": "VARCHAR", "revision": "BIGINT", "digest": "VARCHAR",
                         "kind": "VARCHAR", "file": "VARCHAR", "size": "BIGINT", "archived": "BOOLEAN",
                         "arrived_at": "TIMESTAMPTZ", "by": "VARCHAR", "manifest": "VARCHAR"},
            "account": {"received": "BIGINT", "accepted": "BIGINT", "rejected": "BIGINT", "ignored": "BIGINT"},
            "gone": {"gone": "BIGINT", "alive": "BIGINT"}
        }') AS h
        FROM {{ s }}._open WHERE held IS NOT NULL
    )
