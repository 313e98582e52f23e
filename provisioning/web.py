"""Assembles the two web applications of a centre. Apart from `centre`, so that other commands need not load them."""

from __future__ import annotations

from provisioning.app import Application, enrolment_app, ledger_app
from provisioning.ca.models import Lifetimes
from provisioning.centre import Centre
from provisioning.devices.enrolment import Enrolment
from provisioning.devices.router import CentreFacts, enrolment_router
from provisioning.files import read_whole
from provisioning.ledger.router import ledger_router
from wire.keys import read_certificates_pem


def application_for_units(centre: Centre) -> Application:
    """Enrolment."""
    settings = centre.settings
    enrolment = Enrolment(
        database=centre.database,
        authority=centre.authority,
        lifetimes=Lifetimes(settings.tls_certificate_days, settings.result_certificate_days),
        clock=centre.clock,
        tries=settings.claim_tries,
        announcer=centre.revocations,
    )
    facts = CentreFacts(
        bundle=read_certificates_pem(read_whole(centre.layout.bundle)),
        signing_keys=(centre.signer.public_key,),
        broker_host=settings.broker_host,
        broker_port=settings.broker_port,
    )
    return enrolment_app(enrolment_router(enrolment, facts))


def application_for_people(centre: Centre) -> Application:
    """The page of the ledger."""
    return ledger_app(ledger_router(centre.ledger_reader))
