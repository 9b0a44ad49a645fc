"""What the environment may say, with its default and whether it is set."""

from typing import Any

from django.core.management.base import BaseCommand

from geo_central.settings.env import Env, env


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for name, field in Env.model_fields.items():
            mark = "set" if name in env.model_fields_set else "default"
            default = "" if name.endswith("key") else field.default
            self.stdout.write(f"{name.upper():22} {mark:8} {field.description} [{default}]")
