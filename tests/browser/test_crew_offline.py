"""A crew works through a dead zone: the network is really cut, and so is the server."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from geo_central.kernel import clock
from geo_central.kernel.geo import LngLat
from issues.lifecycle.models import Event, Issue, Photo, Reason
from issues.lifecycle.operations import act
from tests.browser import axe
from tests.browser.crews import (
    HERE,
    Server,
    bar,
    close_with_photo,
    cut,
    load_area,
    log_in,
    mend,
    noise,
    open_job,
    resolved,
)
from tests.factories.acts import manager, team
from tests.factories.reports import issue
from tests.server import PASSWORD

TEAM = "smsurb-conservacao-16"
SLOW = 20_000


@pytest.fixture(scope="module")
def server(own_database: str) -> Iterator[Server]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"]):
        call_command("seed_demo", issues=0, password=PASSWORD, verbosity=0)
    one = Server(own_database)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Phones with a crew member signed in, standing HERE."""
    contexts: list[BrowserContext] = []
    server.start()

    def sign_in(username: str = "equipe", bytes_free: int = 0) -> Page:
        context = browser.new_context(
            locale="pt-BR", timezone_id="America/Sao_Paulo", viewport=axe.PHONE,
            permissions=["geolocation"],
            geolocation={"latitude": HERE.lat, "longitude": HERE.lng, "accuracy": 8},
        )  # fmt: skip
        context.set_default_timeout(SLOW)
        contexts.append(context)
        page = context.new_page()
        if bytes_free:  # before the browser has seen how much there really is
            page.storage = context.new_cdp_session(page)
            quota = {"origin": server.url, "quotaSize": bytes_free}
            page.storage.send("Storage.overrideQuotaForOrigin", quota)
        log_in(page, server, username)
        return page

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture
def jobs(server: Server) -> Iterator[list[Issue]]:
    """Three potholes around HERE, of the crew's team."""
    rows = [
        issue(team(TEAM), LngLat(HERE.lng + 0.0001 * n, HERE.lat), opened_at=clock.now(),
              updated_at=clock.now(), address=f"Rua das Provas, {n}", description="Buraco fundo")
        for n in range(1, 4)
    ]  # fmt: skip
    yield rows
    Issue.objects.filter(pk__in=[r.pk for r in rows], state__in=["assigned", "in_progress"]).update(
        team=team("smsurb-triagem")
    )


def test_three_closings_with_photos_survive_a_dead_zone_and_a_killed_page(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    cut(page, server)
    for row, colour in zip(jobs, ("red", "green", "blue"), strict=True):
        close_with_photo(page, row, colour)
    expect(bar(page)).to_contain_text("3 ações por enviar")
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(f"{server.url}/equipe/")
    expect(bar(page)).to_contain_text("Sem conexão")
    expect(bar(page)).to_contain_text("3 ações por enviar")
    mend(page, server)
    expect(bar(page)).to_have_text("Tudo enviado", timeout=40_000)
    assert resolved(jobs) == [row.protocol for row in jobs]
    assert Photo.objects.filter(issue__in=jobs, kind="after").count() == 3
    assert [Photo.objects.filter(issue=row).count() for row in jobs] == [1, 1, 1]
    assert Event.objects.filter(issue__in=jobs).count() == 3


def test_the_queue_says_what_waits_and_lets_it_be_changed_or_dropped(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    cut(page, server)
    open_job(page, jobs[0])
    page.locator("#acts-first").get_by_role("button", name="Começar o serviço").click()
    expect(page.locator("#sheet [data-count]")).to_have_text("1 ação por enviar")
    page.get_by_role("button", name="Anotar para a equipe").click()
    page.locator("#act-note").fill("Falta areia")
    page.locator("#act-send").click()
    page.locator("#sheet [data-close]").click()
    page.locator("#crew-bar").click()
    rows = page.locator("#queue-list > li")
    expect(rows).to_have_count(2)
    axe.check(page)
    rows.nth(1).get_by_role("button", name="Mudar").click()
    page.locator("#act-note").fill("Falta areia e cal")
    page.locator("#act-send").click()
    page.locator("#sheet [data-close]").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#crew-bar").click()
    rows.nth(0).get_by_role("button", name="Descartar").click()
    expect(rows).to_have_count(1)
    mend(page, server)
    expect(bar(page)).to_have_text("Tudo enviado", timeout=40_000)
    (event,) = Event.objects.filter(issue=jobs[0])
    assert (event.code, event.note) == ("internal_note", "Falta areia e cal")


def test_two_phones_at_one_request_close_it_once_and_the_second_decides(phone, server, jobs):
    first, second = phone(), phone()
    for page in (first, second):
        load_area(page, 3)
        page.context.set_offline(True)
    server.stop()
    close_with_photo(first, jobs[0], "red")
    close_with_photo(second, jobs[0], "blue")
    server.start()
    first.context.set_offline(False)
    expect(bar(first)).to_have_text("Tudo enviado", timeout=40_000)
    second.context.set_offline(False)
    expect(bar(second)).to_contain_text("uma precisa de você", timeout=40_000)
    second.locator("#crew-bar").click()
    row = second.locator("#queue-list > li")
    expect(row.locator(".queued-status")).to_contain_text("“Resolvido” (Edson Equipe")
    expect(row.get_by_role("button", name="Manter")).to_be_hidden()
    axe.check(second)
    row.get_by_role("button", name="Guardar como anotação").click()
    expect(second.locator("#queue-empty")).to_be_visible(timeout=SLOW)
    codes = list(Event.objects.filter(issue=jobs[0]).order_by("at", "id").values_list("code", flat=True))
    assert codes == ["resolved", "internal_note"]
    assert Photo.objects.filter(issue=jobs[0]).count() == 2


def test_a_crew_keeps_its_act_when_it_still_fits(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    cut(page, server)
    close_with_photo(page, jobs[0], "red")
    act(issue_id=jobs[0].pk, action="start", by=manager(), now=clock.now())
    mend(page, server)
    expect(bar(page)).to_contain_text("uma precisa de você", timeout=40_000)
    page.locator("#crew-bar").click()
    page.get_by_role("button", name="Manter").click()
    expect(page.locator("#queue-empty")).to_be_visible(timeout=SLOW)
    assert resolved(jobs) == [jobs[0].protocol]


@pytest.mark.parametrize("days", [1, -1])
def test_a_phone_whose_clock_is_wrong_by_a_day_spoils_no_timeline(phone, server, jobs, days):
    page = phone()
    page.context.add_init_script(f"const now = Date.now; Date.now = () => now() + {days} * 864e5;")
    page.reload()
    load_area(page, 3)
    cut(page, server)
    open_job(page, jobs[0])
    page.locator("#acts-first").get_by_role("button", name="Começar o serviço").click()
    expect(bar(page)).to_contain_text("1 ação por enviar")
    page.wait_for_timeout(1500)
    done = clock.now()
    mend(page, server)
    expect(bar(page)).to_have_text("Tudo enviado", timeout=40_000)
    event = Event.objects.get(issue=jobs[0])
    assert done - timedelta(seconds=30) < event.at < done
    assert event.recorded_at > event.at


def test_a_full_phone_says_so_and_loses_nothing(phone, server, jobs):
    page = phone(bytes_free=1_500_000)
    load_area(page, 3)
    cut(page, server)
    open_job(page, jobs[0])
    page.locator("#acts-first").get_by_role("button", name="Concluir o serviço").click()
    photo = {"name": "depois.png", "mimeType": "image/png", "buffer": noise()}
    page.locator("#act-camera").set_input_files([photo])
    expect(page.locator("#act-photos img")).to_have_count(1)
    expect(page.locator("#act-position")).to_contain_text("Posição informada")
    page.locator("#act-note").fill("Feito com pressa")
    page.locator("#act-send").click()
    expect(page.locator("#act-error")).to_contain_text("sem espaço")
    expect(page.locator("#act-photos img")).to_have_count(1)
    expect(page.locator("#act-note")).to_have_value("Feito com pressa")
    page.storage.send("Storage.overrideQuotaForOrigin", {"origin": server.url})
    page.locator("#act-send").click()
    expect(page.locator("#sheet")).to_be_hidden()
    mend(page, server)
    expect(bar(page)).to_have_text("Tudo enviado", timeout=40_000)
    assert resolved(jobs) == [jobs[0].protocol]
    assert Event.objects.get(issue=jobs[0]).note == "Feito com pressa"


def test_a_session_that_ends_offline_keeps_the_queue_and_asks_for_the_log_in(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    cut(page, server)
    open_job(page, jobs[0])
    page.locator("#acts-first").get_by_role("button", name="Começar o serviço").click()
    page.locator("#sheet [data-close]").click()
    page.context.clear_cookies()
    mend(page, server)
    expect(page.locator("#crew-alert")).to_contain_text("Sua sessão terminou", timeout=40_000)
    expect(bar(page)).to_contain_text("1 ação por enviar")
    axe.check(page)
    page.locator("#crew-alert a").click()
    log_in(page, server)
    expect(bar(page)).to_have_text("Tudo enviado", timeout=40_000)
    assert Event.objects.get(issue=jobs[0]).code == "started"


def test_what_one_person_did_is_not_sent_in_the_name_of_another(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    cut(page, server)
    open_job(page, jobs[0])
    page.locator("#acts-first").get_by_role("button", name="Começar o serviço").click()
    page.locator("#sheet [data-close]").click()
    page.context.clear_cookies()
    server.start()
    page.context.set_offline(False)
    log_in(page, server, "gestora")
    expect(bar(page)).to_contain_text("1 ação por enviar")
    expect(page.locator("#near-list .job")).to_have_count(0)
    page.locator("#crew-bar").click()
    expect(page.locator("#queue-status")).to_contain_text("de outra pessoa")
    assert not Event.objects.filter(issue=jobs[0]).exists()
    page.context.clear_cookies()
    log_in(page, server)
    expect(bar(page)).to_have_text("Tudo enviado", timeout=40_000)
    assert Event.objects.get(issue=jobs[0]).actor.username == "equipe"


def test_what_the_server_refuses_stays_in_sight_until_it_is_changed(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    cut(page, server)
    open_job(page, jobs[0])
    page.get_by_role("button", name="Não foi possível fazer").click()
    page.get_by_label("O tempo não permite").check()
    page.locator("#act-send").click()
    Reason.objects.filter(kind="cannot_do", code="weather").update(is_active=False)
    mend(page, server)
    expect(bar(page)).to_contain_text("uma precisa de você", timeout=40_000)
    page.locator("#crew-bar").click()
    expect(page.locator(".queued-status")).to_contain_text("não está na lista")
    page.get_by_role("button", name="Mudar").click()
    page.get_by_label("O local não é seguro para a equipe").check()
    page.locator("#act-send").click()
    expect(bar(page)).to_have_text("Tudo enviado", timeout=SLOW)
    assert Event.objects.get(issue=jobs[0]).data["reason"] == "unsafe"
    Reason.objects.filter(kind="cannot_do", code="weather").update(is_active=True)


def test_what_the_database_cannot_take_now_is_sent_again_later(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    with psycopg.connect(server.database_url) as other:
        other.execute("SELECT 1 FROM issues_issue WHERE id = %s FOR UPDATE", [jobs[0].pk])
        open_job(page, jobs[0])
        page.locator("#acts-first").get_by_role("button", name="Começar o serviço").click()
        page.locator("#sheet [data-close]").click()
        page.locator("#crew-bar").click()
        expect(page.locator("#queue-status")).to_contain_text("Nova tentativa", timeout=SLOW)
        expect(page.locator("#queue-list > li")).to_have_count(1)
    expect(page.locator("#queue-empty")).to_be_visible(timeout=40_000)
    assert Event.objects.get(issue=jobs[0]).code == "started"


def test_what_was_routed_away_is_gone_from_the_phone_too(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    act(issue_id=jobs[0].pk, action="assign", by=manager(), now=clock.now(), team="smsurb-triagem")
    page.get_by_role("button", name="Atualizar").click()
    expect(page.locator("#near-list .job")).to_have_count(2)
    cut(page, server)
    page.reload()
    expect(page.locator("#near-list .job")).to_have_count(2)
    expect(page.locator(f"#job-{jobs[0].protocol}")).to_have_count(0)


def test_leaving_takes_the_day_from_the_phone(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    page.locator(".account button").click()
    expect(page).not_to_have_url(f"{server.url}/equipe/")
    kept = """() => new Promise((done) => { indexedDB.open('geocentral.crew').onsuccess = (opened) => {
        const issues = opened.target.result.transaction('issues').objectStore('issues');
        issues.count().onsuccess = (counted) => done(counted.target.result);
    }; })"""
    assert page.evaluate(kept) == 0


def test_the_worker_sends_by_itself_when_no_page_is_open(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    cut(page, server)
    close_with_photo(page, jobs[0], "red")
    expect(bar(page)).to_contain_text("1 ação por enviar")
    other = page.context.new_page()
    page.close()
    mend(other, server)
    other.goto(f"{server.url}/saude/")  # outside the worker's scope
    worker = other.context.new_cdp_session(other)
    known: list[dict] = []
    worker.on("ServiceWorker.workerRegistrationUpdated", lambda e: known.extend(e["registrations"]))
    worker.send("ServiceWorker.enable")
    while not (found := [r for r in known if r["scopeURL"].endswith("/equipe/")]):
        other.wait_for_timeout(100)
    sync = {"origin": server.url, "registrationId": found[0]["registrationId"]}
    worker.send("ServiceWorker.dispatchSyncEvent", {**sync, "tag": "crew-outbox", "lastChance": False})
    for _ in range(100):
        if resolved(jobs):
            break
        other.wait_for_timeout(200)
    assert resolved(jobs) == [jobs[0].protocol]
    assert Photo.objects.filter(issue=jobs[0], kind="after").count() == 1
