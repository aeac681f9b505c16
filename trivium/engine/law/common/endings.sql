{#- endings: the relations that lead to `ended`, where assertions there are; between two others. They read `live`,
    `said` and `subject` (the keys asked about, with `_bound`). #}
{%- if assertions %}
), assertion AS MATERIALIZED (
{% include 'assertion.sql' %}
), covered AS MATERIALIZED (
{% include 'covered.sql' %}
), mentioned AS NOT MATERIALIZED (
{% include 'mentioned.sql' %}
), ended AS MATERIALIZED (
{% include 'ended.sql' %}
{%- endif %}
