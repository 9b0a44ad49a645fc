from django.urls import path
from django.views.decorators.gzip import gzip_page

from . import board, day, pwa, request, views

app_name = "crew"
urlpatterns = [
    path("sw.js", gzip_page(pwa.worker), name="worker"),
    path("app.webmanifest", pwa.manifest, name="manifest"),
    path("casco/", gzip_page(pwa.shell), name="shell"),
    path("", gzip_page(views.near), name="near"),
    path("dia/", gzip_page(day.page), name="day"),
    path("quadro/", gzip_page(board.page), name="board"),
    path("chamado/<str:protocol>/", gzip_page(request.page), name="request"),
]
