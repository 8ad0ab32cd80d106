"""Which test shows which conformance check and worked example (Wire 4.6, 13)."""

CHECKS = {
    "C1 a strict client logs on, subscribes, receives an event, keeps alive": (
        "tests/smoke/test_daemon.py::test_a_strict_client_does_everything_a_client_does",
    ),
    "C2 a lenient client: look-up, session, result, reject": (
        "tests/smoke/test_daemon.py::test_a_lenient_client_with_the_least_it_may_send",
        "tests/gateway/test_relay.py::test_errors_and_rejects_come_back_under_the_clients_id",
    ),
    "C3 alias look-up; unknown gives 204 and an empty body": (
        "tests/gateway/test_http.py::test_a_look_up_finds_a_connected_customer_by_any_of_its_names",
        "tests/gateway/test_http.py"
        "::test_an_unknown_customer_and_one_that_is_away_are_indistinguishable",
    ),
    "C4 bad password: 401, with X-no401 400 and error 101": (
        "tests/smoke/test_daemon.py"
        "::test_wrong_passwords_are_told_apart_by_what_the_client_asks_for",
    ),
    "C5 E1-E8 decode and re-encode byte-equal": (
        "tests/protocols/rose/test_worked_examples.py::test_an_example_decodes_and_re_encodes",
        "tests/protocols/rose/test_worked_examples.py"
        "::test_e3_a_result_with_turn_servers_reads_as_json_and_back",
        "tests/protocols/rose/test_worked_examples.py"
        "::test_e8_optional_parameters_are_a_map_in_json_and_a_list_in_ber",
    ),
    "C6 TypeScript-style BER frames decode": (
        "tests/protocols/rose/test_worked_examples.py"
        "::test_c6_typescript_frames_decode_and_are_answered_in_kind",
    ),
    "C7 J framing in 1-byte pieces": (
        "tests/protocols/rose/test_framing.py::test_messages_come_out_whole_however_they_arrive",
    ),
    "C8 two sessions with equal invoke ids do not mix": (
        "tests/gateway/test_relay.py::test_equal_invoke_ids_of_two_sessions_do_not_mix",
    ),
    "C9 link loss closes only its sessions": (
        "tests/gateway/test_sessions.py::test_a_lost_link_closes_only_its_own_sessions_with_1012",
    ),
    "C10 a reject for 99999 is ignored": (
        "tests/gateway/test_relay.py::test_answers_to_nothing_are_dropped",
        "tests/protocols/ucserver/test_messages.py"
        "::TestMessages::test_answers_nobody_waits_for_are_dropped",
    ),
    "C11 a raw-TCP server registers in three forms, gets ICE servers, creates sessions": (
        "tests/smoke/test_daemon.py::test_c11_a_server_registers_and_logs_users_on_in_every_form",
        "tests/transports/test_stream_link.py::test_a_server_registers_and_asks_for_ice_servers",
    ),
    "C12 wrong UCSID and password give errors 2 and 3": (
        "tests/transports/test_stream_link.py::test_a_refused_server_is_told_why_and_closed",
        "tests/gateway/test_registrations.py::test_refusals_have_their_number_and_a_readable_text",
    ),
    "C13 no null towards a server, no numeric date or bare object towards a client": (
        "tests/protocols/rose/test_translate.py::test_nothing_towards_a_server_is_null",
        "tests/protocols/rose/test_translate.py::test_numeric_times_become_text_towards_clients",
        "tests/protocols/ucclient/test_client_socket.py"
        "::test_json_clients_get_arrays_of_exactly_one",
    ),
}


def page() -> str:
    """Return the page `docs/conformance.md`."""
    lines = [
        "# Conformance",
        "",
        "Which test shows which check of the interface; held by `tests/test_conformance.py`.",
        "",
        "| check | tests |",
        "|---|---|",
    ]
    for check, tests in CHECKS.items():
        shown = "<br>".join(f"`{test}`" for test in tests)
        lines.append(f"| {check} | {shown} |")
    return "\n".join(lines) + "\n"
