from django.urls import path
from django.views.decorators.gzip import gzip_page

from . import api, sync

urlpatterns = [
    path("me", sync.Me.as_view(), name="api-crew-me"),
    path("area", gzip_page(sync.Area.as_view()), name="api-crew-area"),
    path("sync", sync.Sync.as_view(), name="api-crew-sync"),
    path("issues", api.Near.as_view(), name="api-crew-issues"),
    path("issues/<str:protocol>/acts/", api.Acts.as_view(), name="api-crew-acts"),
]
