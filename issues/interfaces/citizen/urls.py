from django.urls import path

from . import api, pages, views

app_name = "citizen"
urlpatterns = [
    path("", pages.home, name="home"),
    path("novo/", views.report, name="report"),
    path("novo/acompanhar/", views.join, name="join"),
    path("novo/assuntos/", views.services_fragment, name="services-fragment"),
    path("novo/servico/", views.details_fragment, name="details-fragment"),
    path("novo/lugar/", views.place_fragment, name="place-fragment"),
    path("s/<str:token>/", pages.follow, name="follow"),
    path("chamado/<str:protocol>/", pages.issue, name="issue"),
    path("consulta/", pages.lookup, name="lookup"),
    path("perto/", pages.around, name="around"),
    path("carta/", pages.carta, name="carta"),
    path("carta/<slug:code>/", pages.service, name="service"),
    path("foto/<uuid:photo_id>/<str:size>.jpg", api.photo, name="photo"),
    path("acessibilidade/", pages.accessibility, name="accessibility"),
    path("privacidade/", pages.privacy, name="privacy"),
]
