"""Level 2, holes at the gateway: tokens, their form, their life, their owner, their certificate."""

import re
from dataclasses import replace

import pytest

from lab.authserver import tokens
from lab.authserver.rate_limit import RateLimits
from lab.authserver.registry import Registry
from lab.authserver.tokens import Tokens
from lab.fhir.page import Pages
from lab.gateway import application, level2_application


def expired_accepted(patch: pytest.MonkeyPatch) -> None:
    """A token is accepted after it has expired."""
    sound = Tokens.grant

    def grant(self, token):
        clock, self._clock = self._clock, lambda: 0.0
        try:
            return sound(self, token)
        finally:
            self._clock = clock

    patch.setattr(Tokens, "grant", grant)


def revoked_accepted(patch: pytest.MonkeyPatch) -> None:
    """A revoked token is accepted until it expires: what it opens is remembered."""
    sound, known = Tokens.grant, {}

    def grant(self, token):
        found = sound(self, token)
        if found is not None:
            known[token] = found
        before = known.get(token)
        return found or (before if before and before.expires > self._clock() else None)

    patch.setattr(Tokens, "grant", grant)


def revocation_of_one_worker(patch: pytest.MonkeyPatch) -> None:
    """A worker does not see what another process has revoked."""
    sound = Tokens.grant

    def grant(self, token):
        state, self._state = self._state, _Standing(self._state)
        try:
            return sound(self, token)
        finally:
            self._state = state

    patch.setattr(Tokens, "grant", grant)


def single_revocation_ignored(patch: pytest.MonkeyPatch) -> None:
    """A single token that is revoked stays in force."""
    patch.setattr(Tokens, "revoke_one", lambda *_: None)


def token_of_another_revoked(patch: pytest.MonkeyPatch) -> None:
    """An application revokes the token of another one."""
    patch.setattr(
        Tokens, "revoke_one", lambda self, token, _: self._delete("digest = ?", tokens._digest(token))
    )


def disabled_application_accepted(patch: pytest.MonkeyPatch) -> None:
    """The token of a disabled application is accepted."""
    sound = Registry.get
    patch.setattr(Registry, "get", lambda self, id_: sound(self, id_) or self._known.get(id_))
    patch.setattr(Tokens, "revoke", lambda *_: None)


def disabled_by_another_process(patch: pytest.MonkeyPatch) -> None:
    """A worker does not see that another process has enabled an application again, or disabled it."""
    patch.setattr(Registry, "_current", lambda self: self._enabled)


def beginning_of_token(patch: pytest.MonkeyPatch) -> None:
    """The beginning of a token is enough."""
    _found_by(patch, lambda asked, token: len(asked) >= 10 and token.startswith(asked))


def token_without_case(patch: pytest.MonkeyPatch) -> None:
    """Tokens are compared without regard to case."""
    _found_by(patch, lambda asked, token: asked.lower() == token.lower())


def token_without_padding(patch: pytest.MonkeyPatch) -> None:
    """A token with padding is taken for the one without."""
    _found_by(patch, lambda asked, token: asked.rstrip("=") == token)


def any_token(patch: pytest.MonkeyPatch) -> None:
    """An unknown token opens what the last one did (a cache without a key)."""
    _found_by(patch, lambda asked, _: asked.startswith("never-issued"))


def any_scheme(patch: pytest.MonkeyPatch) -> None:
    """A token is accepted under any scheme, or none."""
    patch.setattr(level2_application, "_BEARER", re.compile(r"(?:[A-Za-z]+ )?([A-Za-z0-9\-._~+/]+=*)"))


def text_after_the_token(patch: pytest.MonkeyPatch) -> None:
    """What follows the token in the header is ignored."""
    patch.setattr(level2_application, "_BEARER", re.compile(r"[Bb]earer +([A-Za-z0-9\-._~+/]+=*).*"))


def lower_case_scheme_refused(patch: pytest.MonkeyPatch) -> None:
    """The scheme in lower case is refused: an application that may call cannot."""
    patch.setattr(level2_application, "_BEARER", re.compile(r"Bearer ([A-Za-z0-9\-._~+/]+=*)"))


def two_headers_first_wins(patch: pytest.MonkeyPatch) -> None:
    """Of two Authorization headers the first one is read."""
    _single(patch, lambda values: values[0])


def two_headers_last_wins(patch: pytest.MonkeyPatch) -> None:
    """Of two Authorization headers the last one is read."""
    _single(patch, lambda values: values[-1])


def token_in_the_query(patch: pytest.MonkeyPatch) -> None:
    """A token in the query is accepted (RFC 6750 section 2.3)."""
    sound = application._application

    def known(gateway, request, passage):
        match = re.search(r"access_token=([^&]+)", request.query)
        if match and not request.header("authorization").startswith(("Bearer ", "bearer ")):
            others = tuple(pair for pair in request.headers if pair[0] != "authorization")
            request = replace(request, headers=(*others, ("authorization", f"Bearer {match[1]}")))
        return sound(gateway, request, passage)

    patch.setattr(application, "_application", known)


def certificate_ignored(patch: pytest.MonkeyPatch) -> None:
    """A token that is bound to a certificate is accepted without it."""
    sound = level2_application.possession
    patch.setattr(
        level2_application,
        "possession",
        lambda grant, registration, _: sound(grant, registration, grant.certificate),
    )


def any_certificate(patch: pytest.MonkeyPatch) -> None:
    """A token that is bound to a certificate is accepted with any."""
    sound = level2_application.possession

    def possession(grant, registration, certificate):
        return sound(grant, registration, grant.certificate if certificate else "")

    patch.setattr(level2_application, "possession", possession)


def unbound_token_of_a_bound_application(patch: pytest.MonkeyPatch) -> None:
    """An application whose tokens must be bound uses one that is not."""
    sound = level2_application.possession

    def possession(grant, registration, certificate):
        return sound(grant, replace(registration, certificate_bound=False), certificate)

    patch.setattr(level2_application, "possession", possession)


def page_link_of_another(patch: pytest.MonkeyPatch) -> None:
    """The page link of one application is followed by another."""
    seal, unseal = Pages.seal, Pages.unseal
    patch.setattr(Pages, "seal", lambda self, state, _: seal(self, state, ""))
    patch.setattr(Pages, "unseal", lambda self, token, _: unseal(self, token, ""))


def rate_ignored(patch: pytest.MonkeyPatch) -> None:
    """No rate is kept."""
    patch.setattr(RateLimits, "wait", lambda *_: 0.0)


def rate_of_all_together(patch: pytest.MonkeyPatch) -> None:
    """All applications share one allowance: one stops the others."""
    sound = RateLimits.wait
    patch.setattr(RateLimits, "wait", lambda self, _, rate: sound(self, "all", rate))


def rate_by_worker(patch: pytest.MonkeyPatch) -> None:
    """The allowance begins again with each token."""
    sound = level2_application.within_rate

    def within_rate(grant, registration, limits):
        return sound(replace(grant, client_id=f"{grant.client_id} {grant.issued}"), registration, limits)

    patch.setattr(level2_application, "within_rate", within_rate)


class _Standing:
    """A state that says it was never written again."""

    def __init__(self, state) -> None:
        self._state = state

    def version(self):
        return 1

    def rows(self, *args):
        return self._state.rows(*args)


def _found_by(patch, alike) -> None:
    """Find the grant of a token that is only alike."""
    issue, sound, issued = Tokens.issue, Tokens.grant, []

    def issuing(self, *args, **more):
        token = issue(self, *args, **more)
        issued.append(token)
        return token

    def grant(self, token):
        found = sound(self, token)
        others = (sound(self, known) for known in reversed(issued) if alike(token, known))
        return found or next((one for one in others if one is not None), None)

    patch.setattr(Tokens, "issue", issuing)
    patch.setattr(Tokens, "grant", grant)


def _single(patch, chosen) -> None:
    """Read one of several Authorization headers."""
    sound = application.read_whole

    async def read_whole(head, receive):
        values = [value for name, value in head.headers if name == "authorization"]
        if len(values) > 1:
            others = tuple(pair for pair in head.headers if pair[0] != "authorization")
            head = replace(head, headers=(*others, ("authorization", chosen(values))))
        return await sound(head, receive)

    patch.setattr(application, "read_whole", read_whole)
