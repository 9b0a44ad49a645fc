from django.apps import AppConfig


class GeoCentralConfig(AppConfig):
    name = "geo_central"
