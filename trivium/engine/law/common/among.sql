{#- among: whether the statement h is of a load that changed. #}
h._load IN (SELECT load_no FROM changed)
