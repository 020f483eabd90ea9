"""One file for each group of paths; each has `router`. What they need is in `request.app.state.parts` (`parts_of`)."""
