"""What a pass over a tree of some size takes, learnt from passes that ran."""
