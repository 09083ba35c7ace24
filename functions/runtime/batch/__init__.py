"""One SQS batch: parse, claim, handle, emit, dead-letter, settle, put back."""
