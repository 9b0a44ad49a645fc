"""The addresses of this room, relative to `ogc/`."""

from django.urls import path

from . import views

app_name = "ogc"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("api", views.api, name="api"),
    path("conformance", views.conformance, name="conformance"),
    path("collections", views.collections, name="collections"),
    path("collections/<str:slug>", views.collection, name="collection"),
    path("collections/<str:slug>/schema", views.schema, name="schema"),
    path("collections/<str:slug>/items", views.features, name="items"),
    path("collections/<str:slug>/items/<str:name>", views.feature, name="item"),
]
