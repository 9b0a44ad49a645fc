"""The composition root: every address, by room."""

from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView

from geo_central.http.health import health
from geo_central.http.openapi import docs
from issues.interfaces.open311 import urls as open311

api: list[URLPattern | URLResolver] = [
    path("", include("issues.interfaces.citizen.api_urls")),
    path("crew/", include("issues.interfaces.crew.api_urls")),
    path("", include("layers.urls")),
    path("", include("maps.tracking.urls")),
    path("", include("maps.analytics.urls")),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs/", docs, name="api-docs"),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("equipe/", include("issues.interfaces.crew.urls")),
    path("gestao/", include("issues.interfaces.manager.urls")),
    path("entrar/", auth.LoginView.as_view(template_name="login.html"), name="login"),
    path("sair/", auth.LogoutView.as_view(), name="logout"),
    path("open311/test/", include((open311.test, "open311-test"))),
    path("open311/", include((open311.production, "open311"))),
    path("webhooks/", include("issues.interfaces.webhooks.urls")),
    path("ogc/", include("maps.opendata.ogc.urls")),
    path("saude/", health, name="health"),
    path("", include("maps.urls")),
    path("", include("issues.interfaces.citizen.urls")),
]

handler404 = "geo_central.http.problem.not_found"
handler500 = "geo_central.http.problem.failed"
