{#- changing: two relations: `touching`, and `changed`, the loads whose keys are touched, with the last commit that did. #}
touching AS MATERIALIZED (
{% include 'touching.sql' %}
), changed AS MATERIALIZED (
    SELECT l.load_no, max(t.commit_no) AS commit_no
    FROM (
        SELECT load_no, reading_no FROM {{ s }}._load
        WHERE commit_no <= {{ commit }} AND reading_no IN (SELECT reading_no FROM touching)
    ) AS l JOIN touching AS t USING (reading_no)
    GROUP BY l.load_no
)
