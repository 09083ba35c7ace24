"""Who may do what: roles, policies and secrets in the templates."""
