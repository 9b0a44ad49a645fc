"""Requests as other systems read them: by period, service, state and place, page by page."""
