"""What a person types or pastes: subjects, ids, ARNs, links and log lines, and the subject that each names."""
