from django.urls import path

from .tiles import views as tiles

app_name = "maps"
urlpatterns = [
    path("tiles/base/<str:z>/<str:x>/<str:y>.mvt", tiles.base, name="base-tile"),
    path("tiles/heat/<str:z>/<str:x>/<str:y>.mvt", tiles.heat, name="heat-tile"),
]
