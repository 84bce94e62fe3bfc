"""Growing trees: the likeliest paths, the best tree for a cost, and what that rests on."""
