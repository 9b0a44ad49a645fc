"""People, apart from their requests. Every personal value is stored encrypted (see _vault)."""

from django.db import models


class Citizen(models.Model):
    """A person known to the city. Names and CPF are ciphertext; `cpf_digest` finds, never tells."""

    name_sealed = models.BinaryField(null=True)
    cpf_sealed = models.BinaryField(null=True)
    cpf_digest = models.BinaryField(null=True, unique=True)
    created_at = models.DateTimeField()
    anonymised_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "issues"


class ContactPoint(models.Model):
    """One way to reach a citizen, a URN such as tel:+55… or mailto:…, encrypted."""

    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="contact_points")
    scheme = models.CharField(max_length=16, help_text="tel, mailto, whatsapp, telegram…")
    value_sealed = models.BinaryField()
    value_digest = models.BinaryField(unique=True, help_text="Keyed hash of scheme:value.")
    verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "issues"


class PersonalDataAccess(models.Model):
    """Who read whose personal data, when and why. Append-only."""

    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    citizen_id = models.BigIntegerField()
    purpose = models.CharField(max_length=120)

    class Meta:
        app_label = "issues"
