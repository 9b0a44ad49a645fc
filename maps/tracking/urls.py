"""The addresses of this room, relative to `api/v1/`; its streams are in `app`."""

from django.urls import path

from . import api

app_name = "tracking"
urlpatterns = [
    path("requests/<str:token>/events", api.RequestEvents.as_view(), name="request-events"),
    path("crew/events", api.TeamEvents.as_view(), name="team-events"),
]
