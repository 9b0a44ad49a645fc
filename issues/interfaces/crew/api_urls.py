from django.urls import path

from . import api

urlpatterns = [
    path("issues", api.Near.as_view(), name="api-crew-issues"),
    path("issues/<str:protocol>/acts/", api.Acts.as_view(), name="api-crew-acts"),
]
