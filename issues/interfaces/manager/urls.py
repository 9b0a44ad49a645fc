from django.urls import path
from django.views.decorators.gzip import gzip_page

from . import coverage, hygiene, keys, moderation, notices, overview, processes, rerouting, rules, simulation

app_name = "manager"
urlpatterns = [
    path("", gzip_page(overview.home), name="home"),
    path("chamados/", gzip_page(overview.requests), name="requests"),
    path("regras/", gzip_page(rules.index), name="rules"),
    path("regras/redistribuir/", rerouting.page, name="rules-reroute"),
    path("regras/redistribuir/comecar/", rerouting.start, name="rules-reroute-start"),
    path("regras/rascunho/<int:draft_id>/", gzip_page(rules.draft), name="rules-draft"),
    path("regras/rascunho/<int:draft_id>/regra/", gzip_page(rules.rule), name="rules-rule"),
    path("regras/rascunho/<int:draft_id>/mudar/", rules.change, name="rules-change"),
    path("regras/rascunho/<int:draft_id>/publicar/", gzip_page(rules.publish), name="rules-publish"),
    path("regras/rascunho/<int:draft_id>/descartar/", rules.discard, name="rules-discard"),
    path("simulacao/", simulation.index, name="simulation"),
    path("simulacao/<int:simulation_id>/", gzip_page(simulation.result), name="simulation-result"),
    path("simulacao/<int:simulation_id>/mudam/", gzip_page(simulation.moved), name="simulation-moved"),
    path("simulacao/<int:simulation_id>/chamado/", simulation.explain, name="simulation-explain"),
    path("cobertura/", gzip_page(coverage.page), name="coverage"),
    path("cobertura/csv/", gzip_page(coverage.table), name="coverage-csv"),
    path("processos/", gzip_page(processes.index), name="processes"),
    path("processos/<slug:code>/", gzip_page(processes.page), name="processes-one"),
    path("moderacao/", gzip_page(moderation.index), name="moderation"),
    path("moderacao/<int:issue>/", moderation.decide, name="moderation-decide"),
    path("avisos/", gzip_page(notices.overview), name="notices"),
    path("avisos/decidir/", notices.decide, name="notices-decide"),
    path("avisos/modelo/", gzip_page(notices.preview), name="notices-preview"),
    path("chaves/", keys.index, name="keys"),
    path("chaves/<int:key_id>/revogar/", keys.revoke, name="keys-revoke"),
    path("higiene/", gzip_page(hygiene.overview), name="hygiene"),
    path("higiene/procurar/", hygiene.look, name="hygiene-look"),
    path("higiene/par/<int:suggestion>/", hygiene.decide, name="hygiene-decide"),
    path("higiene/<slug:kind>/", gzip_page(hygiene.listing), name="hygiene-list"),
]
