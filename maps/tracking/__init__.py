"""Live streams: what happens to requests is told to whoever watches, in the same second."""
