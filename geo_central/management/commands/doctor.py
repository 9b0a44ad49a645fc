"""Say what is wrong with this installation, and how to mend it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from geo_central.doctor import examine


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        sick = 0
        for finding in examine():
            if finding.problem:
                sick += 1
                self.stdout.write(self.style.ERROR(f"✗ {finding.title}: {finding.problem}"))
                self.stdout.write(f"  → {finding.remedy}")
            else:
                self.stdout.write(self.style.SUCCESS(f"✓ {finding.title}"))
        if sick:
            sys.exit(1)
