from django.urls import path
from django.views.decorators.gzip import gzip_page as page

from . import alerts, api, judging, notices, pages, views

app_name = "citizen"
urlpatterns = [
    path("", page(pages.home), name="home"),
    path("novo/", page(views.report), name="report"),
    path("novo/acompanhar/", views.join, name="join"),
    path("novo/assuntos/", page(views.services_fragment), name="services-fragment"),
    path("novo/servico/", page(views.details_fragment), name="details-fragment"),
    path("novo/lugar/", page(views.place_fragment), name="place-fragment"),
    path("s/<str:token>/", page(pages.follow), name="follow"),
    path("s/<str:token>/avaliar/", judging.judge, name="judge"),
    path("s/<str:token>/agir/", judging.act, name="act"),
    path("s/<str:token>/avisos/", page(notices.manage), name="notices"),
    path("s/<str:token>/avisos/navegador/", notices.add_browser, name="notices-browser"),
    path("avisos/sw.js", notices.worker, name="notices-worker"),
    path("avisos/<str:signed>/", page(notices.preferences), name="preferences"),
    path("avisos/<str:signed>/parar/", page(notices.unsubscribe), name="unsubscribe"),
    path("alertas/", page(alerts.page), name="alerts"),
    path("alertas/contagem/", alerts.count, name="alerts-count"),
    path("alertas/confirmar/<str:signed>/", page(alerts.confirm), name="alerts-confirm"),
    path("alertas/meus/<str:signed>/", page(alerts.mine), name="alerts-mine"),
    path("alertas/parar/<str:signed>/", page(alerts.stop), name="alerts-stop"),
    path("chamado/<str:protocol>/", page(pages.issue), name="issue"),
    path("consulta/", page(pages.lookup), name="lookup"),
    path("perto/", page(pages.around), name="around"),
    path("carta/", page(pages.carta), name="carta"),
    path("carta/<slug:code>/", page(pages.service), name="service"),
    path("foto/<uuid:photo_id>/<str:size>.jpg", api.photo, name="photo"),
    path("acessibilidade/", page(pages.accessibility), name="accessibility"),
    path("privacidade/", page(pages.privacy), name="privacy"),
]
