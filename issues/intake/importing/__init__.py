"""Past requests of other systems come in: read, translated, placed, decided and written by the batch."""
