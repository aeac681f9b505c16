{#- among: whether the statement h is of a load that changed. The bounds are what the index by load is asked for: of a
    list that it does not know the planner expects so much that it reads all of the history. #}
h._load BETWEEN (SELECT min(load_no) FROM changed) AND (SELECT max(load_no) FROM changed)
  AND h._load IN (SELECT load_no FROM changed)
