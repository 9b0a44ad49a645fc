"""The addresses of this room, relative to `api/v1/`."""

from django.urls import path

from . import api

app_name = "layers"
urlpatterns = [
    path("place", api.place, name="place"),
    path("addresses", api.addresses, name="addresses"),
    path("layers", api.layers, name="list"),
    path("layers/<slug:slug>", api.layer, name="layer"),
]
