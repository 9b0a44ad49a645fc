from django.urls import path

from .tiles import views as tiles
from .web import datasets, feeds, glance, ranking
from .web import views as web
from .web.planning import views as planning
from .web.planning.runs import views as runs

app_name = "maps"
urlpatterns = [
    path("tiles/base/<str:z>/<str:x>/<str:y>.mvt", tiles.base, name="base-tile"),
    path("tiles/heat/<str:z>/<str:x>/<str:y>.mvt", tiles.heat, name="heat-tile"),
    path("tiles/heat/staff/<str:z>/<str:x>/<str:y>.mvt", tiles.staff_heat, name="staff-heat-tile"),
    path("mapa/", web.heat, name="heat"),
    path("mapa/tabelas/", web.results, name="heat-results"),
    path("mapa/areas/", web.areas, name="heat-areas"),
    path("mapa/relatorio/", web.report, name="report"),
    path("mapa/folium/", web.folium, name="folium"),
    path("planejamento/", planning.page, name="planning"),
    path("planejamento/paineis/", planning.panels, name="planning-panels"),
    path("planejamento/chamados/", planning.listed, name="planning-requests"),
    path("planejamento/exportar/<str:kind>/", planning.export, name="planning-export"),
    path("planejamento/focos/", runs.page, name="planning-runs"),
    path("planejamento/focos/<int:number>/", runs.run, name="planning-run"),
    path("planejamento/visoes/", planning.views, name="planning-views"),
    path("planejamento/visoes/guardar/", planning.keep, name="planning-keep"),
    path("planejamento/visoes/<str:token>/apagar/", planning.forget, name="planning-forget"),
    path("planejamento/v/<str:token>/", planning.kept, name="planning-kept"),
    path("dados/", datasets.page, name="datasets"),
    path("dados/catalogo.jsonld", datasets.catalogue, name="catalogue"),
    path("dados/<slug:slug>/", datasets.dataset, name="dataset"),
    path("dados/<slug:slug>/dicionario.json", datasets.dictionary, {"form": "json"}, name="dictionary-json"),
    path("dados/<slug:slug>/dicionario.csv", datasets.dictionary, {"form": "csv"}, name="dictionary-csv"),
    path("dados/<slug:slug>/<str:name>", datasets.file, name="dataset-file"),
    path("dados/<slug:slug>/edicoes/<str:edition>/<str:name>", datasets.file, name="dataset-edition-file"),
    path("transparencia/", glance.page, name="glance"),
    path("transparencia.json", glance.document, name="glance-json"),
    path("transparencia.csv", glance.table, name="glance-csv"),
    path("alertas/feed.atom", feeds.feed, {"form": "atom"}, name="feed-atom"),
    path("alertas/feed.rss", feeds.feed, {"form": "rss"}, name="feed-rss"),
    path("ranking/", ranking.page, name="ranking"),
    path("ranking.json", ranking.document, name="ranking-json"),
    path("ranking.csv", ranking.table, name="ranking-csv"),
]
