{#- changed_until: how many commits touch keys, and the first of them up to which so many records were accepted by what they
    touch; null where all of these are fewer. #}
WITH {% include 'changing.sql' %}
SELECT count(*), min(CASE WHEN total >= {{ most }} THEN commit_no END) FROM (
    SELECT c.commit_no, sum(sum(l.accepted)) OVER (ORDER BY c.commit_no) AS total
    FROM changed AS c JOIN {{ s }}._load AS l USING (load_no)
    GROUP BY c.commit_no
) AS summed
