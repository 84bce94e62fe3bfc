"""What fills a tree with tokens: Medusa heads, a draft of one layer, the text itself."""
