from django.urls import path

from . import api

urlpatterns = [
    path("issues", api.Issues.as_view(), name="api-issues"),
    path("issues/similar", api.Similar.as_view(), name="api-similar"),
    path("issues/<str:protocol>", api.Issue.as_view(), name="api-issue"),
    path("requests/<str:token>/acts/", api.Acts.as_view(), name="api-acts"),
    path("services", api.Services.as_view(), name="api-services"),
    path("services/<slug:code>", api.Service.as_view(), name="api-service"),
    path("uploads/<uuid:photo_id>", api.Upload.as_view(), name="api-upload"),
]
