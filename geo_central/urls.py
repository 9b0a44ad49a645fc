"""The composition root: every address, by room."""

from django.contrib.auth import views as auth
from django.urls import include, path

urlpatterns = [
    path("entrar/", auth.LoginView.as_view(template_name="login.html"), name="login"),
    path("sair/", auth.LogoutView.as_view(), name="logout"),
]
