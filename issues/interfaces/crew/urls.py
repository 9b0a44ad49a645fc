from django.urls import path
from django.views.decorators.gzip import gzip_page

from . import request, views

app_name = "crew"
urlpatterns = [
    path("", gzip_page(views.near), name="near"),
    path("chamado/<str:protocol>/", gzip_page(request.page), name="request"),
]
