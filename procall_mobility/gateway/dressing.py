"""What every answer to a request carries: CORS headers, and JSONP where it is on (Wire 1.3)."""

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.log_ons import Reply
from procall_mobility.protocols.ucclient import cors, jsonp
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest

OPEN = cors.CorsRules()
"""Where nobody knows which customer it is about."""


def cors_rules(customer: Customer | None) -> cors.CorsRules:
    """Return what a customer allows pages from elsewhere."""
    if customer is None:
        return OPEN
    switches = customer.switches
    return cors.CorsRules(switches.cors_origins, switches.cors_session_header)


def dressed(reply: Reply, request: HttpRequest, customer: Customer | None) -> Reply:
    """Return a reply that adds what a customer's answers to a request carry."""
    rules = cors_rules(customer)
    is_on = customer is not None and customer.switches.jsonp
    callback = jsonp.callback_of(request) if is_on else None

    def dress(answer: HttpAnswer) -> None:
        if callback is not None:
            answer = jsonp.wrapped(answer, callback)
        reply(cors.with_cors(answer, request.header("origin"), rules))

    return dress
