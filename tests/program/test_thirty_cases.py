"""Thirty things that go wrong between a repository and an API, and the tests that show what then happens.

A test that is renamed or goes away must be replaced here.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
EVERY_FAULT = "program/test_every_fault.py::test_a_clean_run_converges_after_any_single_fault"

CASES: dict[str, tuple[str, ...]] = {
    "1 a create is done and its answer is late": (
        "apply/test_execute.py::TestUnknownCreate::test_done_and_not_answered_is_found_by_its_mark",
        "coc/http/test_client.py::TestRepeated::test_a_write_that_may_have_been_done_is_sent_once",
        EVERY_FAULT,
    ),
    "2 no connection: refused, unknown host, certificate": (
        "coc/http/test_transport.py::TestFailure::test_without_a_connection_nothing_was_sent",
        "coc/http/test_client.py::TestRepeated::test_a_write_is_repeated_where_it_was_certainly_not_done",
        "coc/http/test_sockets.py::TestCertificate::test_one_that_nobody_named_is_not_trusted_and_not_asked_twice",
        "coc/http/test_sockets.py::TestCertificate::test_a_certificate_for_another_name_or_time_is_not_trusted",
        "cli/test_doctor.py::test_no_credentials_and_a_name_that_is_not_known",
    ),
    "3 a gateway fails after the write was done": (
        "coc/http/test_transport.py::TestJudgement::test_a_5xx_to_a_write_is_unknown_and_to_a_read_a_refusal",
        "apply/test_execute.py::TestUnknownCreate::test_done_and_not_answered_is_found_by_its_mark",
        EVERY_FAULT,
    ),
    "4 somebody else, or we ourselves, created it first": (
        "apply/test_execute.py::TestUnknownCreate::test_somebody_elses_under_the_name_is_not_taken_for_it",
        "apply/test_execute.py::TestUnknownCreate::test_ours_with_another_digest_is_stale",
        "apply/test_execute.py::TestCreate::test_somebody_elses_script_of_the_name_fails_it",
        "program/test_two_runs.py::test_whenever_a_second_run_comes_nothing_is_doubled_or_lost_and_a_clean_run_converges",
    ),
    "5 throttled, with Retry-After in every form": (
        "coc/http/test_retry.py::TestRetryAfter::test_seconds_and_dates_are_kept_up_to_30_seconds",
        "coc/http/test_retry.py::TestRetryAfter::test_whatever_it_says_nobody_waits_for_more_than_30_seconds",
        "coc/http/test_retry.py::TestWhat::test_what_was_throttled_is_sent_again_in_whatever_form_that_is_said",
        "coc/http/test_throttle.py::TestPace::test_everybody_waits_as_long_as_a_429_asks",
        "coc/http/test_throttle.py::TestStorm::test_half_a_minute_of_it_costs_few_requests_more_and_little_time",
        "coc/http/test_client.py::TestGivingUp::test_a_listing_that_cannot_be_had_ends_within_90_seconds",
    ),
    "6 one page of a list fails": (
        "coc/http/test_client.py::test_only_the_page_that_failed_is_asked_for_again",
        "observe/test_listing.py::TestSegments::test_what_a_page_raises_ends_the_run",
        "observe/test_reading.py::TestObserve::test_a_page_that_cannot_be_had_ends_it",
        "cli/test_plan.py::TestFailures::test_a_service_that_refuses_everything_ends_without_a_plan",
    ),
    "7 the list changes while it is read": (
        (
            "observe/test_listing_under_change.py::"
            "test_whenever_somebody_edits_the_list_holds_what_was_there_all_the_time_or_is_refused"
        ),
    ),
    "8 a list that lies": (
        "observe/test_listing.py::TestBroken::test_the_same_page_for_ever",
        "observe/test_listing.py::TestBroken::test_a_repeated_uuid",
        "observe/test_listing.py::TestBroken::test_an_empty_page_in_the_middle_that_is_not_there_the_second_time",
        "observe/test_listing.py::TestTotal::test_two_readings_that_differ_and_fit_no_total_prove_nothing",
        "observe/test_listing.py::TestSegments::test_a_server_that_ignores_markers_ends_the_run",
        EVERY_FAULT,
    ),
    "9 a token expires on the way": (
        "program/test_token_mid_run.py::test_one_that_expires_at_any_later_request_is_renewed_once_and_nobody_notices",
        "program/test_token_mid_run.py::test_one_that_is_refused_fresh_from_iam_ends_the_run_at_once",
        "coc/auth/test_iam.py::test_sixteen_workers_and_one_expired_token_are_one_renewal",
        "cli/test_doctor.py::test_a_clock_that_is_off",
    ),
    "10 one script that may not be touched": (
        "apply/test_changes.py::TestApply::test_403_on_one_script_concerns_it_alone",
        "observe/test_reading.py::TestObserve::test_a_script_that_may_not_be_read_is_kept_as_its_row",
    ),
    "11 a script is edited after it was planned, perhaps back again": (
        "apply/test_execute.py::TestUpdate::test_edited_since_the_plan_it_is_stale",
        "apply/test_execute.py::TestDelete::test_edited_since_the_plan_it_is_stale",
        (
            "program/test_saved_plan.py::"
            "test_a_hand_edit_since_the_plan_is_stale_with_the_new_difference_and_stops_nothing_else"
        ),
        "program/test_saved_plan.py::test_a_script_edited_and_edited_back_is_applied",
    ),
    "12 a script is gone": (
        "apply/test_execute.py::TestUpdate::test_deleted_since_the_plan_it_is_stale",
        "apply/test_execute.py::TestDelete::test_run_again_it_is_gone_already",
        "coc/http/test_answer.py::TestNotFound::test_nothing_else",
    ),
    "13 accepted, and not to be seen yet": (
        "apply/test_execute.py::TestReadBack::test_a_script_that_shows_late_is_waited_for",
        "apply/test_execute.py::TestReadBack::test_a_script_that_does_not_show_is_unknown",
        "apply/test_execute.py::TestUnknownCreate::test_one_that_shows_late_is_waited_for",
    ),
    "14 COC rewrites what it is sent": (
        "program/test_normalising.py::test_forms_that_mean_the_same_are_no_difference",
        "program/test_normalising.py::test_a_text_that_comes_back_otherwise_is_named_with_the_setting_that_ends_the_difference",
        "apply/test_execute.py::TestPendingShowsPrevious::test_said_in_the_target_it_awaits_review_and_is_no_difference",
        "cli/test_apply.py::TestWhatCocMakesOfIt::test_a_form_of_its_own_is_named_with_the_remedy",
    ),
    "15 a success that is none": (
        "coc/http/test_transport.py::TestJudgement::test_a_2xx_that_holds_no_data_is_unknown",
        "coc/http/test_transport.py::TestJudgement::test_an_error_code_in_any_shape_is_a_refusal",
        "coc/http/test_answer.py::test_any_json_is_a_record_or_an_expected_failure",
        "coc/http/test_sockets.py::TestSize::test_a_bomb_is_not_unpacked",
        (
            "coc/http/test_sockets.py::TestSize::"
            "test_a_body_is_read_no_further_than_the_limit_and_its_connection_is_not_used_again"
        ),
        EVERY_FAULT,
    ),
    "16 fields and values of a newer API": (
        "coc/http/test_answer.py::test_fields_and_values_of_a_newer_api_are_kept_or_left_alone",
        "coc/test_scripts.py::TestGet::test_numbers_in_place_of_texts_are_texts",
    ),
    "17 an answer that drips": (
        "coc/http/test_sockets.py::TestPace::test_headers_that_drip_do_not_outlast_the_attempt",
        "coc/http/test_sockets.py::TestPace::test_a_body_that_drips_does_not_outlast_the_attempt",
        "coc/http/test_sockets.py::TestPace::test_a_server_that_does_not_read_does_not_outlast_the_attempt",
    ),
    "18 killed": ("program/test_killed.py::test_a_clean_run_converges_after_a_kill_at_any_request",),
    "19 interrupted, once and twice, and ended by a pipeline": (
        "program/test_interrupt.py::test_before_there_is_a_plan_it_leaves_with_130_and_a_report",
        "program/test_interrupt.py::test_between_writes_those_under_way_end_and_no_new_one_begins",
        "program/test_interrupt.py::test_twice_it_leaves_at_once",
        "apply/test_changes.py::TestApply::test_stopped_within_a_replace_it_is_not_left_half_done",
    ),
    "20 two runs at once": (
        "program/test_two_runs.py::test_two_programs_in_two_folders_at_once",
        "program/test_two_runs.py::test_nor_where_it_is_of_another_commit",
        "cli/test_apply.py::TestLock::test_a_second_apply_waits_and_finds_what_the_first_did",
        "apply/test_lock.py::test_the_system_releases_it_when_its_holder_is_killed",
        "apply/test_lock.py::test_where_there_can_be_no_lock_file_there_is_no_run",
    ),
    "21 a disk that is full or read-only": (
        "program/test_disk_full.py::test_without_its_copy_a_script_is_not_written_and_the_others_are",
        "program/test_disk_full.py::test_a_process_that_can_write_no_file_at_all_still_says_what_it_did",
        "system/test_storage.py::TestWrite::test_what_was_there_is_replaced_in_one_step_and_keeps_its_mode",
        "program/test_saved_plan.py::test_a_plan_that_cannot_be_written_is_an_error",
    ),
    "22 pipes that break and terminals that lack characters": (
        "program/test_output.py::TestPipes::test_a_reader_that_leaves_changes_neither_the_code_nor_what_is_done",
        "program/test_output.py::TestPipes::test_a_full_disk_and_closed_streams_are_no_tracebacks",
        "program/test_output.py::test_an_encoding_without_the_characters_loses_nothing_and_stops_nothing",
        "program/test_log.py::test_where_nobody_reads_the_lines_any_more_the_run_goes_on",
    ),
    "23 YAML that explodes": (
        "manifests/test_yaml_source.py::TestBombs::test_nesting_stops_at_64_levels",
        "manifests/test_yaml_source.py::TestBombs::test_an_anchor_is_refused_before_any_alias_multiplies",
        "manifests/test_yaml_source.py::TestBombs::test_too_many_values_are_refused",
        "manifests/test_yaml_source.py::TestBombs::test_more_than_a_mebibyte_is_refused",
    ),
    "24 YAML that means something else": (
        "manifests/test_yaml_source.py::TestScalars::test_stays_text",
        "manifests/test_yaml_source.py::TestScalars::test_a_tag_is_refused",
        "manifests/test_yaml_source.py::TestKeys::test_a_key_given_twice_names_both_lines",
        "manifests/test_yaml_source.py::test_no_text_raises",
    ),
    "25 encodings and line ends": (
        "manifests/test_yaml_source.py::TestEncoding::test_what_is_not_clean_utf_8_is_one_finding_at_its_place",
        "manifests/test_content.py::TestText::test_what_is_no_clean_utf_8_is_one_error_in_the_file",
        "manifests/test_content.py::TestLineEnds::test_the_end_of_the_file_is_kept",
    ),
    "26 paths that lead out, read": (
        "manifests/test_files.py::TestReadFile::test_a_path_out_of_the_root_is_refused",
        "manifests/test_files.py::TestReadFile::test_a_link_is_refused_wherever_it_leads",
        "manifests/test_files.py::TestReadFile::test_a_link_put_there_after_the_look_is_not_followed",
        "manifests/test_files.py::TestReadFile::test_a_pipe_is_refused_without_waiting_for_its_writer",
        "manifests/test_files.py::TestReadFile::test_reads_no_more_than_it_may",
    ),
    "27 paths that lead out, written": (
        "export/test_manifest.py::TestSafeName::test_any_other_is_one_plain_component",
        "export/test_manifest.py::TestSafeName::test_two_names_have_two_files",
        "export/test_new_files.py::test_no_name_leads_out_of_the_folder_or_into_another_script",
        "system/test_storage.py::test_no_link_in_a_checkout_leads_a_write_out_of_it",
        "program/test_output.py::TestHostileText::test_its_backup_stays_in_its_folder",
    ),
    "28 text that commands a terminal, a page or a workflow": (
        "report/test_terminal.py::test_harmless_text_is_one_line_of_visible_characters_and_stays_so",
        "report/test_terminal.py::test_workflow_commands_are_broken",
        "report/test_text.py::test_nothing_foreign_gets_through_a_plan_or_its_drift",
        "report/test_markdown.py::test_nothing_foreign_gets_out_of_a_plan_or_its_drift",
        "report/html/test_pages.py::test_nothing_foreign_gets_through_a_plan_or_its_drift",
        "program/test_output.py::TestHostileText::test_prints_harmlessly",
    ),
    "29 secrets that show": (
        "program/test_nothing_leaks.py::test_nothing_shows_under_any_fault",
        "program/test_nothing_leaks.py::test_nothing_shows_of_what_a_server_says_back",
        "program/test_secrets.py::TestRefusedValues::test_one_that_stands_in_the_manifest",
        "program/test_secrets.py::test_what_coc_repeats_of_a_value_is_not_repeated",
        "program/test_log.py::test_a_file_gets_a_json_line_for_each_attempt_with_the_same_and_a_time",
        "test_canary.py::test_a_leak_fails_the_test_and_its_source_does_not",
    ),
    "30 a run that cannot be meant": (
        "cli/test_plan.py::TestNoManifests::test_an_emptied_or_mistyped_source_is_refused",
        "cli/test_plan.py::TestPrune::test_many_deletes_are_refused_and_the_flag_that_allows_them_is_named",
        "cli/test_apply.py::TestRefused::test_nine_of_nine_deleted_manifests",
        "cli/test_apply.py::TestRefused::test_a_filter_that_matches_nothing",
        "program/test_saved_plan.py::test_an_altered_file_is_refused",
        "program/test_saved_plan.py::test_a_saved_plan_is_applied_only_as_it_was_made",
        "program/test_saved_plan.py::test_a_plan_id_or_a_plan_file_alone_writes_nothing",
        "engine/test_planfile.py::test_a_plan_older_than_allowed_is_refused",
    ),
}


@cache
def names_in(file: str) -> frozenset[str]:
    """The tests of a file, those of a class behind its name."""
    module = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    found = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    for group in module.body:
        if isinstance(group, ast.ClassDef):
            found |= {f"{group.name}::{node.name}" for node in group.body if isinstance(node, ast.FunctionDef)}
    return frozenset(found)


def test_there_are_thirty() -> None:
    assert [case.partition(" ")[0] for case in CASES] == [str(number) for number in range(1, 31)]


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_tests_that_exist(case: str) -> None:
    missing = [test for test in CASES[case] if test.partition("::")[2] not in names_in(test.partition("::")[0])]
    assert missing == []
