"""Requests and answers: one attempt, retries, the pace, and what an answer means."""
