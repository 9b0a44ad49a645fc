"""`webhooks/`: for other systems, never for browsers."""

from django.urls import path

from . import views

app_name = "webhooks"
urlpatterns = [
    path("parceiros/<slug:slug>/", views.partner, name="partner"),
    path("fotos/<str:signed>.jpg", views.photo, name="photo"),
]
