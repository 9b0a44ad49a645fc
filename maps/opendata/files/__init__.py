"""The public collections as files: made by a nightly job, kept by edition, served with their checksums."""
