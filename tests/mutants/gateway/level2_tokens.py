"""Level 2, holes at the token endpoints: assertions, keys, what is issued, introspection."""

from dataclasses import replace
from types import SimpleNamespace

import jwt
import pytest

from lab.authserver import application, assertion, endpoints
from lab.authserver.registry import Registry
from lab.authserver.tokens import Tokens
from lab.authserver.used_ids import UsedIds
from lab.fhir.scopes import Scopes


def used_id_accepted(patch: pytest.MonkeyPatch) -> None:
    """An assertion is accepted again: its jti is not remembered (PyJWT leaves it out)."""
    patch.setattr(UsedIds, "take", lambda *_: True)


def used_ids_of_all_together(patch: pytest.MonkeyPatch) -> None:
    """A jti that another application has used is refused."""
    sound = UsedIds.take
    patch.setattr(UsedIds, "take", lambda self, _, jti, expires: sound(self, "", jti, expires))


def empty_id_accepted(patch: pytest.MonkeyPatch) -> None:
    """An assertion without a jti is accepted, and so as often as one likes."""
    sound = assertion._refuse_claims

    def refuse(claims, issuer, now):
        sound({**claims, "jti": claims.get("jti") or "none"}, issuer, now)

    patch.setattr(assertion, "_refuse_claims", refuse)


def far_expiry_accepted(patch: pytest.MonkeyPatch) -> None:
    """An assertion may live longer than five minutes (PyJWT leaves it out)."""
    patch.setattr(assertion, "MAX_LIFETIME_S", 1e9)


def expired_assertion_accepted(patch: pytest.MonkeyPatch) -> None:
    """An assertion is accepted for an hour after it has expired (a generous leeway)."""
    _decoding(patch, leeway=3_600)


def assertion_of_tomorrow_accepted(patch: pytest.MonkeyPatch) -> None:
    """The claim nbf is not looked at."""
    _decoding(patch, verify_nbf=False)


def subject_of_another(patch: pytest.MonkeyPatch) -> None:
    """The claim sub is not compared with iss (PyJWT leaves it out)."""
    sound = assertion._refuse_claims
    patch.setattr(
        assertion, "_refuse_claims", lambda claims, issuer, now: sound({**claims, "sub": issuer}, issuer, now)
    )


def subject_is_who_asks(patch: pytest.MonkeyPatch) -> None:
    """The token is issued to sub, the assertion verified as that of iss."""
    sound = application.verify

    def verify(text, *, registry, **more):
        found, kid = lenient(text, registry=registry, **more)
        subject = jwt.decode(text, options={"verify_signature": False}).get("sub")
        return registry.get(subject) or found, kid

    subject_of_another(patch)
    lenient = sound
    patch.setattr(application, "verify", verify)


def list_of_audiences(patch: pytest.MonkeyPatch) -> None:
    """The claim aud may be a list that holds ours: the assertion was made for others too (PyJWT)."""
    _decoding(patch, strict_aud=False)


def audience_ignored(patch: pytest.MonkeyPatch) -> None:
    """An assertion that was made for another server is accepted."""
    _decoding(patch, verify_aud=False)


def audience_of_any_endpoint(patch: pytest.MonkeyPatch) -> None:
    """An assertion made for one endpoint is accepted at another one."""
    sound = application.verify

    def verify(text, *, audience, **more):
        claimed = jwt.decode(text, options={"verify_signature": False}).get("aud")
        same = isinstance(claimed, str) and claimed.rpartition("/")[0] == audience.rpartition("/")[0]
        return sound(text, audience=claimed if same else audience, **more)

    patch.setattr(application, "verify", verify)


def signature_ignored(patch: pytest.MonkeyPatch) -> None:
    """The signature is not verified."""
    _decoding(patch, verify_signature=False)


def unsigned_accepted(patch: pytest.MonkeyPatch) -> None:
    """An assertion with the algorithm none is accepted."""
    key = assertion.public_key
    patch.setattr(assertion, "ALGORITHMS", (*assertion.ALGORITHMS, "none"))
    patch.setattr(assertion, "public_key", lambda jwk, alg: None if alg == "none" else key(jwk, alg))
    sound = assertion.jwt.decode

    def decode(text, *args, **more):
        if more.get("algorithms") == ["none"]:
            return sound(text, options={"verify_signature": False})
        return sound(text, *args, **more)

    patch.setattr(assertion, "jwt", _library(decode))


def key_of_anybody(patch: pytest.MonkeyPatch) -> None:
    """A kid is looked up in the keys of all applications."""
    sound = assertion.verify
    everybody: list = []

    def verify(text, *, registry, **more):
        everybody[:] = [key for one in registry.registrations for key in one.jwks["keys"]]
        return sound(text, registry=registry, **{**more, "published": {"keys": everybody}})

    patch.setattr(application, "verify", verify)


def first_key_when_unnamed(patch: pytest.MonkeyPatch) -> None:
    """Without a known kid the first key is tried."""
    sound = assertion.named
    patch.setattr(
        assertion,
        "named",
        lambda jwks, kid: sound(jwks, kid) or [k for k in jwks.get("keys", ()) if k.get("use") == "sig"][-1:],
    )


def key_for_encryption(patch: pytest.MonkeyPatch) -> None:
    """A key that is registered for encryption verifies signatures."""
    _lenient_key(patch, lambda jwk: {**jwk, "use": "sig"})


def key_published_whole(patch: pytest.MonkeyPatch) -> None:
    """A key whose private part stands in the registration is used."""
    _lenient_key(patch, lambda jwk: {name: value for name, value in jwk.items() if name != "d"})


def key_not_for_verifying(patch: pytest.MonkeyPatch) -> None:
    """A key whose operations leave verifying out verifies."""
    _lenient_key(patch, lambda jwk: {name: value for name, value in jwk.items() if name != "key_ops"})


def address_of_keys_from_the_caller(patch: pytest.MonkeyPatch) -> None:
    """The header jku may be any address."""
    sound = assertion.claimed

    def claimed(text, registry):
        header = jwt.get_unverified_header(text)
        return sound(text, _Registered(registry, header.get("jku", "")))

    for module in (application, assertion):
        patch.setattr(module, "claimed", claimed)


def disabled_gets_a_token(patch: pytest.MonkeyPatch) -> None:
    """A disabled application is issued tokens."""
    sound = Registry.get
    patch.setattr(Registry, "get", lambda self, id_: sound(self, id_) or self._known.get(id_))


def network_of_the_endpoint_open(patch: pytest.MonkeyPatch) -> None:
    """The token endpoint answers every network."""
    patch.setattr(application, "_refuse_network", lambda *_: None)


def certificate_not_asked(patch: pytest.MonkeyPatch) -> None:
    """An application that must show a certificate gets a token without one."""
    sound = application._authenticated

    async def authenticated(server, request, audience, certificate):
        by, form = await sound(server, request, audience, certificate or "none")
        return replace(by, certificate=certificate), form

    patch.setattr(application, "_authenticated", authenticated)


def token_not_bound(patch: pytest.MonkeyPatch) -> None:
    """The token of an application that shows a certificate is not bound to it."""
    sound = Tokens.issue
    patch.setattr(Tokens, "issue", lambda self, *of, **more: sound(self, *of, **{**more, "certificate": ""}))


def scopes_as_asked(patch: pytest.MonkeyPatch) -> None:
    """The token has the scopes that were asked for, registered or not."""
    patch.setattr(Scopes, "within", lambda asked, _: asked)


def scopes_as_registered(patch: pytest.MonkeyPatch) -> None:
    """The token has all the scopes that are registered, whatever was asked for."""
    patch.setattr(Scopes, "within", lambda _, registered: registered)


def token_of_a_day(patch: pytest.MonkeyPatch) -> None:
    """A token lives for a day."""
    sound = Tokens.issue

    def issue(self, *args, **more):
        self.lifetime_s = 86_400
        return sound(self, *args, **more)

    patch.setattr(Tokens, "issue", issue)


def any_grant_type(patch: pytest.MonkeyPatch) -> None:
    """The grant type is not looked at."""
    served = endpoints.token
    patch.setattr(
        endpoints,
        "token",
        lambda server, form, by: served(server, {**form, "grant_type": "client_credentials"}, by),
    )


def any_assertion_type(patch: pytest.MonkeyPatch) -> None:
    """The type of the assertion is not looked at."""
    sound = application._form
    patch.setattr(
        application,
        "_form",
        lambda request: {**sound(request), "client_assertion_type": application.ASSERTION_TYPE},
    )


def repeated_field_last_wins(patch: pytest.MonkeyPatch) -> None:
    """Of a field that is given twice the last one wins."""

    def form(request):
        if request.method != "POST":
            raise application.OAuthRefused("invalid_request", "no POST")
        return dict(application.parse_qsl(request.body.decode(), keep_blank_values=True))

    patch.setattr(application, "_form", form)


def introspection_of_others(patch: pytest.MonkeyPatch) -> None:
    """Any application learns of the tokens of others: a stolen one is tried out."""
    sound = endpoints.introspect

    def introspect(server, form, by):
        return sound(server, form, replace(by, registration=replace(by.registration, resource_server=True)))

    patch.setattr(endpoints, "introspect", introspect)


def _decoding(patch, leeway=0, **options) -> None:
    """Let the library verify less."""
    sound = jwt.decode

    def decode(text, *args, **more):
        if "audience" not in more:
            return sound(text, *args, **more)
        more["options"] = {**more["options"], **options}
        if options.get("verify_signature") is False:
            more["options"] |= {"verify_aud": True, "verify_exp": True, "verify_nbf": True}
        return sound(text, *args, leeway=leeway, **more)

    patch.setattr(assertion, "jwt", _library(decode))


def _library(decode):
    return SimpleNamespace(**{**vars(jwt), "decode": decode})


def _lenient_key(patch, change) -> None:
    sound = assertion.public_key
    patch.setattr(assertion, "public_key", lambda jwk, algorithm: sound(change(dict(jwk)), algorithm))


class _Registered:
    """A registry in which every application has registered the address of the caller."""

    def __init__(self, registry: Registry, address: str) -> None:
        self._registry, self._address = registry, address

    def get(self, client_id: str):
        found = self._registry.get(client_id)
        return found and replace(found, jwks_url=self._address)
