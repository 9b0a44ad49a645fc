"""What a manager must see of all requests at once: what is late, where, with whom, and what came back."""
