from django.urls import path
from django.views.decorators.gzip import gzip_page

from . import views

app_name = "crew"
urlpatterns = [path("", gzip_page(views.near), name="near")]
