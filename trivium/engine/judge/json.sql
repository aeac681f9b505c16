-- Reading JSON without a float. DuckDB's parser makes doubles of numbers, so each bare number is first made a text
-- that begins with the mark U+0001: its digits stay as they were sent, and it can still be told from a text.

-- The same with every string empty.
CREATE MACRO without_texts(x) AS regexp_replace(x, '"(?:[^"\\]|\\.)*"', '""', 'g');

-- Why a text is no JSON, or none that can be kept: NULL if nothing is wrong. json_valid lets a comma before a closing
-- bracket pass, and NaN and Infinity in any case. A text that begins with the mark could not be told from a number.
CREATE MACRO json_fault(x) AS CASE
    WHEN NOT json_valid(x) THEN 'json'
    WHEN contains(x, '"\u0001') THEN 'mark'
    WHEN contains(x, '\u0000') AND regexp_matches(x, '(?:^|[^\\])(?:\\\\)*\\u0000') THEN 'nul'
    WHEN regexp_matches(x, ',\s*[}\]]|(?:^|[:,\[])\s*-?(?i:nan|inf)')
        AND regexp_matches(without_texts(x), ',\s*[}\]]|(?i:nan|inf)') THEN 'json'
END;

-- Numbers marked, the quick way: a number stands behind `":`, `,` or `[`. Where that happens inside a string, the quote
-- put in ends it and a backslash follows outside of any string: the result is no JSON, which cannot go unnoticed.
CREATE MACRO marked_quickly(x) AS regexp_replace(x, '("\s*:\s*|[,\[]\s*)(-?[0-9][-+0-9.eE]*)', '\1"\\u0001\2"', 'g');
-- The same for any JSON: strings are passed over.
CREATE MACRO marked_carefully(x) AS replace(replace(replace(
    regexp_replace(x, '("(?:[^"\\]|\\.)*")|(-?[0-9][-+0-9.eE]*)', chr(1) || '\2' || chr(2) || '\1', 'g'),
    chr(1) || chr(2), ''), chr(1), '"\u0001'), chr(2), '"');
CREATE MACRO unmarked(x) AS regexp_replace(x, '"\\u0001([^"]*)"', '\1', 'g');

-- A marked document as it is kept: minified, numbers as sent. JSON's null is no document.
CREATE MACRO kept_document(document) AS CASE WHEN document <> 'null' THEN unmarked(document) END;
-- The same of a cell's text; marked, so that it can be looked into before.
CREATE MACRO cell_document(x) AS CASE WHEN json_fault(x) IS NULL THEN json(marked_carefully(x))::VARCHAR END;

-- The members that an object has twice, by the names of its members: those that stand earlier as well. Searching is
-- three times as fast as list_unique for the few members that objects have, and slower for many.
CREATE MACRO repeated(names) AS list_filter(names, lambda name, place: list_position(names, name) < place);
CREATE MACRO has_twice(names) AS
    CASE WHEN len(names) > 60 THEN list_unique(names) < len(names) ELSE coalesce(len(repeated(names)) > 0, false) END;
