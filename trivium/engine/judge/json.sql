-- Reading JSON without a float. DuckDB's parser makes doubles of numbers, so each bare number that it could change is
-- first made a text that begins with the mark U+0001: its digits stay as they were sent, and it can still be told from
-- a text. Most stay as they are and come out by the same digits: whole numbers, which JSON writes in one way only, but
-- for -0; and of at most 9 digits before the point and 4 behind it those that do not end with a zero, or are whole.

-- The same with every string empty.
CREATE MACRO without_texts(x) AS regexp_replace(x, '"(?:[^"\\]|\\.)*"', '""', 'g');

-- Whether a text that DuckDB takes for a JSON object may be none, or may hold a number that would come out by other
-- digits. Inside strings it sees some where there are none. Each pattern begins with one character, so that RE2 leaps from
-- one to the next, and a number must end as a member or element does: times of day do not.
CREATE MACRO odd_token() AS '(?:-?(?:(?i:nan|inf)|(?:[0-9]{10,}\.[0-9]+|[0-9]+\.(?:[0-9]{5,}|[0-9]+0)'
    || '|[0-9]+(?:\.[0-9]+)?[eE][-+]?[0-9]+)\s*[,}\]])|-0\s*[,}\]])';
CREATE MACRO needs_care(x) AS CASE
    WHEN regexp_matches(x, ':\s*' || odd_token()) THEN true
    WHEN regexp_matches(x, ',\s*(?:[}\]]|' || odd_token() || ')') THEN true
    WHEN regexp_matches(x, '\[\s*' || odd_token()) THEN true
    ELSE false
END;

-- Why a text is no JSON, or none that can be kept: NULL if nothing is wrong. json_valid lets a comma before a closing
-- bracket pass, and NaN and Infinity in any case: what does not need care has neither. A text that begins with the mark
-- could not be told from a number.
CREATE MACRO json_fault(x, care) AS CASE
    WHEN NOT json_valid(x) THEN 'json'
    WHEN contains(x, '"\u0001') THEN 'mark'
    WHEN contains(x, '\u0000') AND regexp_matches(x, '(?:^|[^\\])(?:\\\\)*\\u0000') THEN 'nul'
    WHEN care AND regexp_matches(x, ',\s*[}\]]|(?:^|[:,\[])\s*-?(?i:nan|inf)')
        AND regexp_matches(without_texts(x), ',\s*[}\]]|(?i:nan|inf)') THEN 'json'
END;

-- Numbers marked, the quick way: one stands behind `:` and before the end of its member, or behind `,` or `[`. Where that
-- happens inside a string, the quote put in ends it and a backslash follows outside of any string: the result is no JSON,
-- which cannot go unnoticed.
CREATE MACRO members_marked(x) AS
    regexp_replace(x, ':\s*(-?[0-9][-+0-9.eE]*)(\s*[,}\]])', ':"\\u0001\1"\2', 'g');
CREATE MACRO elements_marked(x) AS regexp_replace(
    regexp_replace(x, ',\s*(-?[0-9][-+0-9.eE]*)', ',"\\u0001\1"', 'g'), '\[\s*(-?[0-9][-+0-9.eE]*)', '["\\u0001\1"', 'g');
CREATE MACRO marked_quickly(x) AS
    CASE WHEN contains(x, '[') THEN elements_marked(members_marked(x)) ELSE members_marked(x) END;
-- The same for any JSON: strings are passed over.
CREATE MACRO marked_carefully(x) AS replace(replace(replace(
    regexp_replace(x, '("(?:[^"\\]|\\.)*")|(-?[0-9][-+0-9.eE]*)', chr(1) || '\2' || chr(2) || '\1', 'g'),
    chr(1) || chr(2), ''), chr(1), '"\u0001'), chr(2), '"');
-- Without marks. A member's text out of that of its value as it is read, and its kind; the same out of its JSON.
CREATE MACRO unmarked(x) AS regexp_replace(x, '"\\u0001([^"]*)"', '\1', 'g');

CREATE MACRO plain(x) AS CASE WHEN starts_with(x, chr(1)) THEN substr(x, 2) ELSE x END;
CREATE MACRO plain_text(x, kind) AS CASE WHEN kind IN (91, 123) THEN unmarked(x) ELSE plain(x) END;
CREATE MACRO plain_member(document, kind) AS plain_text(json_extract_string(document, '$'), kind);

-- A member that is kept as JSON, with every number in it marked; those that are already stay so.
CREATE MACRO marked_document(x) AS
    CASE WHEN regexp_matches(x, '[0-9]') THEN json(marked_carefully(x))::VARCHAR ELSE x END;
-- A marked document as it is kept: minified, numbers as sent. JSON's null is no document.
CREATE MACRO kept_document(document) AS CASE WHEN document <> 'null' THEN unmarked(document) END;
-- The same of a cell's text; marked, so that it can be looked into before.
CREATE MACRO cell_document(x) AS CASE WHEN json_fault(x, true) IS NULL THEN json(marked_carefully(x))::VARCHAR END;
-- Whether an object, if it is one, has each member once for sure, by the names of its members and how many different ones
-- of them it is known to have, which mostly are all. Whether it has one twice. The members that stand earlier as well.
CREATE MACRO has_each_once(names, known) AS coalesce(len(names) = known, true);
CREATE MACRO has_twice(names) AS coalesce(list_unique(names) < len(names), false);
CREATE MACRO repeated(names) AS list_filter(names, lambda name, place: list_position(names, name) < place);
