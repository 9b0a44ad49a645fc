from django.urls import path

from . import views

app_name = "crew"
urlpatterns = [path("", views.near, name="near")]
