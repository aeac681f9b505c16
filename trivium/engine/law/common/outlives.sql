{#- outlives: whether the statement x of this `rank` ranks above d, the greatest death of its key. #}
(d._stamp IS NULL OR {{ rank }} > d._stamp OR ({{ rank }} = d._stamp AND x._seq > d._seq))
