"""The first screen of an answer: a sentence, a small table, a line for each device."""
