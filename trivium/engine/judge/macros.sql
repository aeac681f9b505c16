-- What the judge's statements call by name. A macro is put in at its call, so that it costs nothing by itself.
-- Each turns text into a value only if the text says exactly that value, else into NULL.

-- Functions that expressions may call.
CREATE MACRO number(x) AS
    CASE WHEN regexp_full_match(x, '[+-]?([0-9]+(\.[0-9]{1,6}0*)?|\.[0-9]{1,6}0*)') THEN TRY_CAST(x AS DECIMAL(18, 6)) END;
-- One with marks of its own, by a pattern that is made from them when it is declared (model.numbers).
CREATE MACRO marked_number(x, decimal_mark, thousands_mark, pattern) AS
    CASE WHEN regexp_full_match(x, pattern) THEN number(replace(replace(x, thousands_mark, ''), decimal_mark, '.')) END;
-- The pattern is made from the format when it is declared (model.dates): strptime alone passes over spaces, takes
-- fewer digits than the format says, and 'epoch' and 'infinity' in any format.
CREATE MACRO instant_of(x, format, pattern) AS CASE WHEN regexp_full_match(x, pattern) THEN try_strptime(x, format) END;
CREATE MACRO date_of(x, format, pattern) AS instant_of(x, format, pattern)::DATE;

-- A count since 1970 in UTC, of units of so many microseconds. Its text has the zone, whatever the source's is.
CREATE MACRO instant_from(x, unit) AS CASE WHEN regexp_full_match(x, '[0-9]{1,16}')
    THEN strftime(make_timestamp(TRY_CAST(x AS BIGINT) * unit), '%Y-%m-%dT%H:%M:%S.%fZ') END;

-- A decimal as text without the zeros that only its scale adds.
CREATE MACRO plain_number(x) AS rtrim(rtrim(x::VARCHAR, '0'), '.');

-- The first 8 bytes of the MD5 as a little-endian integer, without its lowest bit. DuckDB's own md5_number_upper is a
-- macro over bit strings and takes five times as long.
CREATE MACRO content_digest(content) AS
    ((md5_number(content) & 18446744073709551615::UHUGEINT)::UBIGINT >> 1)::BIGINT;

-- Microseconds since 1970 of a timestamp that carries its offset. Its digits are checked first: the cast alone would
-- take 24:00, names of zones and nanoseconds, and read a lone date as midnight.
CREATE MACRO instant(x) AS CASE
    WHEN regexp_full_match(x, '\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6}0*)?(Z|[+-]\d\d(:?[0-5]\d)?)')
        THEN epoch_us(TRY_CAST(x AS TIMESTAMPTZ))
    WHEN regexp_full_match(x, '\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(Z|[+-]\d\d(:?[0-5]\d)?)')
        THEN epoch_us(TRY_CAST(concat(x[:16], ':00', x[17:]) AS TIMESTAMPTZ))
END;

-- The local time of an instant (TIMESTAMP in UTC), and the instant of a local time: the earlier where there are two
-- (the offset of the day before holds), none where clocks jumped over it.
CREATE MACRO wall_time(utc, zone) AS timezone(zone, timezone('UTC', utc));
CREATE MACRO shifted(local_time, zone, day) AS
    local_time - (wall_time(local_time + day, zone) - (local_time + day));
CREATE MACRO from_wall_time(local_time, zone) AS CASE
    WHEN wall_time(shifted(local_time, zone, -INTERVAL 1 DAY), zone) = local_time
        THEN shifted(local_time, zone, -INTERVAL 1 DAY)
    WHEN wall_time(shifted(local_time, zone, INTERVAL 1 DAY), zone) = local_time
        THEN shifted(local_time, zone, INTERVAL 1 DAY)
END;
-- The same as `instant` for a source whose timestamps may leave the offset out.
CREATE MACRO instant_in(x, zone) AS coalesce(instant(x), CASE
    WHEN regexp_full_match(x, '\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6}0*)?)?')
        THEN epoch_us(from_wall_time(TRY_CAST(x AS TIMESTAMP), zone))
END);

-- Whether some object in a document may have several members.
CREATE MACRO has_members(x) AS coalesce(contains(x, ',') AND contains(x, '{'), false);

-- A finite double; zero has one sign only.
CREATE MACRO real_number(x) AS CASE WHEN TRY_CAST(x AS DOUBLE) = 0 THEN 0::DOUBLE ELSE TRY_CAST(x AS DOUBLE) END;

-- One reason for a rejection, as JSON text.
CREATE MACRO reason(rule, field, value, message) AS to_json(
    {'rule': rule::VARCHAR, 'field': field::VARCHAR, 'value': left(value::VARCHAR, 200), 'message': message::VARCHAR}
)::VARCHAR;
