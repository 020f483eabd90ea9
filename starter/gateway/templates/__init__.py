"""The pages' templates and their one style sheet: HTML that is escaped wherever a value stands, without any script."""
