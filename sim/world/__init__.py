"""State without behaviour: people, graph, catalogue, platforms and what is recorded of them."""
