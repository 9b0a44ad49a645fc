from django.urls import path
from django.views.decorators.gzip import gzip_page

from . import pwa, request, views

app_name = "crew"
urlpatterns = [
    path("sw.js", gzip_page(pwa.worker), name="worker"),
    path("app.webmanifest", pwa.manifest, name="manifest"),
    path("casco/", gzip_page(pwa.shell), name="shell"),
    path("", gzip_page(views.near), name="near"),
    path("chamado/<str:protocol>/", gzip_page(request.page), name="request"),
]
