"""What a report leaves to be done a moment later: pictures to fetch, numbers to be given."""
